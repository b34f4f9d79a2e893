#include "data/format/other_formats.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define PIPED    "; docs/files.md has a pipe that makes CSV of such"
#define EXPORTED "; save what it holds as CSV"
#define PACKED   "; unpack it first, or through a pipe: epocl train -"

#define MAGIC(text) (text), sizeof(text) - 1, false
#define WORDS(text) (text), sizeof(text) - 1, true

typedef struct other_format {
    const char *magic;
    size_t bytes;
    bool is_text; /* in whatever case, and behind a mark and blanks */
    const char *what;
} other_format;

static const other_format formats[] = {
    {MAGIC("PAR1"), "is a Parquet file" PIPED},
    {MAGIC("ARROW1"), "is an Arrow file" PIPED},
    {MAGIC("FEA1"), "is a Feather file" PIPED},
    {MAGIC("SQLite format 3"), "is an SQLite database" EXPORTED},
    {MAGIC("\211HDF\r\n"), "is an HDF5 file" EXPORTED},
    {MAGIC("\320\317\021\340"), "is an Office document, maybe an Excel sheet" EXPORTED},
    {MAGIC("RDX2\n"), "is an R data file" EXPORTED},
    {MAGIC("RDX3\n"), "is an R data file" EXPORTED},
    {MAGIC("X\n\0\0"), "is an R data file" EXPORTED},
    {MAGIC("\200\004\225"), "is a Python pickle" EXPORTED},
    {MAGIC("\200\005\225"), "is a Python pickle" EXPORTED},
    {MAGIC("%PDF-"), "is a PDF document" EXPORTED},
    {MAGIC("\211PNG"), "is a picture; docs/files.md says how pictures are read"},
    {MAGIC("\377\330\377"), "is a picture; docs/files.md says how pictures are read"},
    {MAGIC("\050\265\057\375"), "is packed by zstd" PACKED},
    {MAGIC("BZh"), "is packed by bzip2" PACKED},
    {MAGIC("\3757zXZ"), "is packed by xz" PACKED},
    {MAGIC("7z\274\257"), "is a 7z archive" PACKED},
    {WORDS("<!doctype"), "is HTML" EXPORTED},
    {WORDS("<html"), "is HTML" EXPORTED},
    {WORDS("<table"), "is HTML" EXPORTED},
    {WORDS("<?xml"), "is XML" EXPORTED},
    {WORDS("@relation"), "is an ARFF file" EXPORTED},
};

static size_t count_blanks(const char *text, size_t bytes) {
    size_t count = 0;
    while (count < bytes && strchr(" \t\r\n", text[count])) count++;
    return count;
}

/* An object with a name, or an array of objects or arrays. */
static bool is_json(const char *text, size_t bytes) {
    if (bytes == 0 || (*text != '{' && *text != '[')) return false;
    const size_t next = 1 + count_blanks(text + 1, bytes - 1);
    if (next == bytes) return false;
    return *text == '{' ? text[next] == '"' : text[next] == '{' || text[next] == '[';
}

/* A workbook's parts are among the first of its archive. */
static bool is_workbook(const char *head, size_t bytes) {
    static const char name[] = "[Content_Types].xml";
    for (size_t i = 0; i + sizeof name - 1 <= bytes && i < 4096; i++)
        if (memcmp(head + i, name, sizeof name - 1) == 0) return true;
    return false;
}

static bool begins(const char *head, size_t bytes, const other_format *format) {
    if (bytes < format->bytes) return false;
    return format->is_text ? strncasecmp(head, format->magic, format->bytes) == 0
                           : memcmp(head, format->magic, format->bytes) == 0;
}

const char *other_format_find(const char *head, size_t bytes) {
    const size_t mark = bytes >= 3 && memcmp(head, "\357\273\277", 3) == 0 ? 3 : 0;
    const size_t begin = mark + count_blanks(head + mark, bytes - mark);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const size_t skipped = formats[i].is_text ? begin : 0;
        if (begins(head + skipped, bytes - skipped, &formats[i])) return formats[i].what;
    }
    if (bytes >= 2 && memcmp(head, "PK", 2) == 0 && is_workbook(head, bytes))
        return "is an Excel sheet, or another Office document" EXPORTED;
    return is_json(head + begin, bytes - begin) ? "is JSON" EXPORTED : NULL;
}
