/* Writes the manual pages, the completions of shells and docs/environment.md into the folders man, completions and docs
 * of the folder that it runs in, or compares them with what is there.
 * Usage: manual write|check */
#include "manual.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A file's text, `*size` bytes for free(); NULL where there is none. */
static char *file_text(const char *path, size_t *size) {
    char *text = NULL, part[4096];
    FILE *file = fopen(path, "rb"), *kept = open_memstream(&text, size);
    if (!kept) exit(2);
    for (size_t count; file && (count = fread(part, 1, sizeof part, file)) > 0;) fwrite(part, 1, count, kept);
    if (fclose(kept) != 0) exit(2);
    if (file) {
        fclose(file);
        return text;
    }
    free(text);
    return NULL;
}

/* Writes it, or says whether it is as it should be. */
static bool settle(bool writes, const char *path, const char *text, size_t size) {
    size_t there_size = 0;
    char *there = file_text(path, &there_size);
    const bool is_same = there && there_size == size && memcmp(there, text, size) == 0;
    free(there);
    if (is_same) return true;
    if (!writes) {
        fprintf(stderr, "%s is not what the tables of options say: run make docs\n", path);
        return false;
    }
    FILE *file = fopen(path, "wb");
    if (file && fwrite(text, 1, size, file) == size && fclose(file) == 0) return true;
    perror(path);
    return false;
}

typedef struct memory_file {
    char *text;
    size_t size;
    FILE *out;
} memory_file;

static void begin(memory_file *made) {
    made->text = NULL;
    made->out = open_memstream(&made->text, &made->size);
    if (!made->out) exit(2);
}

static bool end(memory_file *made, bool writes, const char *path) {
    if (ferror(made->out) || fclose(made->out) != 0) exit(2);
    const bool is_done = settle(writes, path, made->text, made->size);
    free(made->text);
    return is_done;
}

static bool is_page(const char *name) {
    if (strcmp(name, "epocl.1") == 0) return true;
    for (size_t i = 0; i < command_count; i++) {
        char known[64];
        snprintf(known, sizeof known, "epocl-%s.1", commands[i]->name);
        if (strcmp(name, known) == 0) return true;
    }
    return false;
}

/* Pages of commands that there are no more. */
static bool look_for_leftovers(bool writes) {
    bool is_clean = true;
    DIR *folder = opendir("man");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[300];
        if (*entry->d_name == '.' || is_page(entry->d_name)) continue;
        snprintf(path, sizeof path, "man/%s", entry->d_name);
        if (writes && remove(path) == 0) continue;
        fprintf(stderr, "%s is of no command: run make docs\n", path);
        is_clean = false;
    }
    if (folder) closedir(folder);
    return is_clean;
}

int main(int argc, char **argv) {
    static const struct {
        const char *path;
        void (*put)(FILE *out);
    } files[] = {{"man/epocl.1", man_page_program},
                 {"completions/epocl.bash", completion_bash},
                 {"completions/_epocl", completion_zsh},
                 {"completions/epocl.fish", completion_fish},
                 {"docs/environment.md", environment_document}};
    const bool writes = argc == 2 && strcmp(argv[1], "write") == 0;
    memory_file made;
    bool is_done = true;
    if (!writes && !(argc == 2 && strcmp(argv[1], "check") == 0)) {
        fprintf(stderr, "usage: manual write|check\n");
        return 2;
    }
    if (writes) {
        mkdir("man", 0777);
        mkdir("completions", 0777);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        begin(&made);
        files[i].put(made.out);
        is_done = end(&made, writes, files[i].path) && is_done;
    }
    for (size_t i = 0; i < command_count; i++) {
        char path[64];
        snprintf(path, sizeof path, "man/epocl-%s.1", commands[i]->name);
        begin(&made);
        man_page_command(made.out, commands[i]);
        is_done = end(&made, writes, path) && is_done;
    }
    is_done = look_for_leftovers(writes) && is_done;
    return is_done ? 0 : 1;
}
