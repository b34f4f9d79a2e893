/* For environ. */
#define _GNU_SOURCE

#include "command/fixture.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORDS_CAPACITY = 48 };

/* ---- Data ------------------------------------------------------------------------------------- */

static size_t put_header(unsigned char *bytes, unsigned char type, uint32_t rows, uint32_t columns) {
    const uint32_t dimensions[] = {rows, columns};
    const size_t count = columns > 0 ? 2 : 1;
    size_t length = 4;
    memcpy(bytes, (const unsigned char[]){0, 0, type, (unsigned char)count}, 4);
    for (size_t i = 0; i < count; i++)
        for (int shift = 24; shift >= 0; shift -= 8) bytes[length++] = (unsigned char)(dimensions[i] >> shift);
    return length;
}

enum { HEADER_CAPACITY = 12 };

void fixture_write_images(const char *images_name, const char *labels_name, size_t sample_count) {
    unsigned char *images = malloc(HEADER_CAPACITY + sample_count * FIXTURE_INPUTS);
    unsigned char *labels = malloc(HEADER_CAPACITY + sample_count);
    ck_assert(images && labels);
    size_t image_length = put_header(images, 0x08, (uint32_t)sample_count, FIXTURE_INPUTS);
    size_t label_length = put_header(labels, 0x08, (uint32_t)sample_count, 0);
    for (size_t sample = 0; sample < sample_count; sample++) {
        const size_t label = sample % FIXTURE_CLASSES;
        labels[label_length++] = (unsigned char)label;
        for (size_t i = 0; i < FIXTURE_INPUTS; i++) {
            const size_t noise = (sample * 37 + i * 101 + sample * i * 7) % 64;
            images[image_length++] = (unsigned char)(noise + (i % FIXTURE_CLASSES == label ? 150 : 0));
        }
    }
    scratch_write(images_name, images, image_length);
    scratch_write(labels_name, labels, label_length);
    free(labels);
    free(images);
}

static void write_floats(void) {
    static const unsigned char value[] = {0x71, 0x49, 0xF2, 0xCA}; /* 1e30 */
    unsigned char bytes[HEADER_CAPACITY + sizeof value * FIXTURE_SAMPLES * FIXTURE_INPUTS];
    size_t length = put_header(bytes, 0x0D, FIXTURE_SAMPLES, FIXTURE_INPUTS);
    for (; length < sizeof bytes; length += sizeof value) memcpy(bytes + length, value, sizeof value);
    scratch_write("floats", bytes, length);
}

static char *vendors_before; /* OCL_ICD_VENDORS; NULL without */

void fixture_choose(void) {
    static const char *const variables[] = {"EPOCL_DEVICE",  "EPOCL_MATMUL",       "EPOCL_PLAN", "EPOCL_TUNE",
                                            "EPOCL_TIMEOUT", "EPOCL_NO_SELF_TEST", "NO_COLOR",   "TERM"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) unsetenv(variables[i]);
}

void fixture_create(void) {
    fixture_choose();
    const char *vendors = getenv("OCL_ICD_VENDORS");
    vendors_before = vendors ? strdup(vendors) : NULL;
    scratch_create();
    fixture_write_images("images", "labels", FIXTURE_SAMPLES);
    write_floats();
}

void fixture_create_plain(void) {
    fixture_create();
    setenv("EPOCL_PLAN", "layered", 1);
    setenv("EPOCL_NO_SELF_TEST", "on", 1);
}

void fixture_remove(void) {
    fixture_choose();
    fixture_set_input(NULL);
    if (vendors_before)
        setenv("OCL_ICD_VENDORS", vendors_before, 1);
    else
        unsetenv("OCL_ICD_VENDORS");
    free(vendors_before);
    scratch_remove();
}

int scratch_exists(const char *name) {
    struct stat state;
    return lstat(scratch_path(name), &state) == 0;
}

/* ---- Processes -------------------------------------------------------------------------------- */

/* As tmpfile(), but not inherited by the program under another number. */
static FILE *capture_file(void) {
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ne(fcntl(fileno(file), F_SETFD, FD_CLOEXEC), -1);
    return file;
}

static const char *input_path; /* of programs; NULL for none */

void fixture_set_input(const char *path) {
    input_path = path;
}

/* The program's output with that number is the file, or none. */
static void give_output(posix_spawn_file_actions_t *actions, FILE *file, int number) {
    if (file)
        posix_spawn_file_actions_adddup2(actions, fileno(file), number);
    else
        posix_spawn_file_actions_addclose(actions, number);
}

process start_words_into(FILE *out, FILE *err, const char *const *words) {
    char *program = getenv("EPOCL");
    char *argv[WORDS_CAPACITY] = {program ? program : "build/epocl"};
    size_t count = 1;
    for (; words[count - 1]; count++) {
        const char *word = words[count - 1];
        ck_assert_uint_lt(count + 1, WORDS_CAPACITY);
        argv[count] = strdup(*word == '@' ? scratch_path(word + 1) : word);
        ck_assert_ptr_nonnull(argv[count]);
    }

    process started = {.out = out, .err = err};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults, none;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input_path ? input_path : "/dev/null", O_RDONLY, 0);
    give_output(&actions, out, STDOUT_FILENO);
    give_output(&actions, err, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    const int code = posix_spawn(&started.id, argv[0], &actions, &attributes, argv, environ);
    ck_assert_msg(code == 0, "%s: %s; EPOCL names the program", argv[0], strerror(code));
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 1; i < count; i++) free(argv[i]);
    return started;
}

process start_words(const char *const *words) {
    return start_words_into(capture_file(), capture_file(), words);
}

/* All that is in the file now, nothing of a pipe; the offset, which the program shares, stays as it is. */
static char *captured_text(FILE *file) {
    struct stat state = {0};
    if (!file) return calloc(1, 1);
    ck_assert_int_eq(fstat(fileno(file), &state), 0);
    char *text = calloc((size_t)state.st_size + 1, 1);
    ck_assert_ptr_nonnull(text);
    if (state.st_size > 0) ck_assert_int_eq(pread(fileno(file), text, (size_t)state.st_size, 0), state.st_size);
    return text;
}

static bool has_ended(const process *started) {
    siginfo_t ended = {0};
    ck_assert_int_eq(waitid(P_PID, (id_t)started->id, &ended, WEXITED | WNOHANG | WNOWAIT), 0);
    return ended.si_pid != 0;
}

static void pause_briefly(void) {
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

void process_await(const process *started, FILE *output, const char *text) {
    for (;; pause_briefly()) {
        const bool is_last = has_ended(started);
        char *told = captured_text(output);
        const bool is_there = strstr(told, text) != NULL;
        free(told);
        if (is_there) return;
        ck_assert_msg(!is_last, "ended before it said '%s'", text);
    }
}

void process_await_file(const process *started, const char *name) {
    for (; !scratch_exists(name); pause_briefly())
        ck_assert_msg(!has_ended(started), "ended before it wrote '%s'", name);
}

outcome process_end(process *started) {
    int code = 0;
    ck_assert_int_eq(waitpid(started->id, &code, 0), started->id);
    const outcome ended = {.status = WIFEXITED(code) ? WEXITSTATUS(code) : -WTERMSIG(code),
                           .out = captured_text(started->out),
                           .err = captured_text(started->err)};
    if (started->out) fclose(started->out);
    if (started->err) fclose(started->err);
    return ended;
}

outcome run_words(const char *const *words) {
    process started = start_words(words);
    return process_end(&started);
}

outcome run_words_into(const char *path, const char *const *words) {
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    process started = start_words_into(out, capture_file(), words);
    return process_end(&started);
}

void outcome_release(outcome *ended) {
    free(ended->out);
    free(ended->err);
    *ended = (outcome){0};
}

/* ---- Assertions ------------------------------------------------------------------------------- */

void assert_contains(const char *text, const char *part) {
    ck_assert_msg(strstr(text, part) != NULL, "'%s' is not in: %.4000s", part, text);
}

void assert_text_only(const char *text) {
    json_t *string = json_string(text);
    ck_assert_msg(string != NULL, "no UTF-8: %s", text);
    json_decref(string);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        ck_assert_msg((*c >= 0x20 || *c == '\n') && *c != 0x7f && !(*c == 0xc2 && c[1] < 0xa0),
                      "a control character: %s", text);
}

void assert_status(const outcome *ended, int status) {
    ck_assert_msg(ended->status == status, "exit status %d, not %d: %s", ended->status, status, ended->err);
}

void assert_ended(outcome ended, int status) {
    assert_status(&ended, status);
    outcome_release(&ended);
}

void assert_refused(outcome ended, int status, const char *part) {
    assert_status(&ended, status);
    ck_assert_str_eq(ended.out, "");
    ck_assert_msg(strncmp(ended.err, "epocl: ", 7) == 0, "no sentence of epocl: %s", ended.err);
    const char *line_end = strchr(ended.err, '\n');
    ck_assert_msg(line_end && line_end[1] == '\0', "not one line: %s", ended.err);
    assert_contains(ended.err, part);
    outcome_release(&ended);
}

void assert_well_formed(const char *path) {
    char *argv[] = {"xmllint", "--noout", "--nonet", strdup(path), NULL};
    pid_t id = 0;
    int code = 0;
    ck_assert_msg(posix_spawnp(&id, argv[0], NULL, NULL, argv, environ) == 0, "xmllint (libxml2-utils) cannot be run");
    ck_assert_int_eq(waitpid(id, &code, 0), id);
    ck_assert_msg(WIFEXITED(code) && WEXITSTATUS(code) == 0, "%s is not well-formed", path);
    free(argv[3]);
}

json_t *json_lines(const char *text) {
    json_t *lines = json_array();
    for (const char *end; *text; text = end + 1) {
        end = strchr(text, '\n');
        ck_assert_msg(end != NULL, "no whole line: %s", text);
        json_error_t place;
        json_t *line = json_loadb(text, (size_t)(end - text), JSON_REJECT_DUPLICATES, &place);
        ck_assert_msg(json_is_object(line), "%s: %.*s", place.text, (int)(end - text), text);
        ck_assert(json_is_string(json_object_get(line, "event")));
        ck_assert_int_eq(json_integer_value(json_object_get(line, "schema")), 1);
        json_array_append_new(lines, line);
    }
    return lines;
}

double number_of(const json_t *line, const char *member) {
    const json_t *value = json_object_get(line, member);
    ck_assert_msg(json_is_number(value), "%s is no number", member);
    return json_number_value(value);
}

const char *text_of(const json_t *line, const char *member) {
    const json_t *value = json_object_get(line, member);
    ck_assert_msg(json_is_string(value), "%s is no text", member);
    return json_string_value(value);
}
