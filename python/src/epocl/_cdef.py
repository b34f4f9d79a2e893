"""What cffi is told about libepocl: made from the public header, so that the two cannot differ."""

from __future__ import annotations

import re

# https://arrow.apache.org/docs/format/CStreamInterface.html: how tables are handed over, without a library.
ARROW = """
struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};
struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children, *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};
"""


def cdef(header: str) -> str:
    """The declarations of `header`, the text of epocl.h, as cffi reads them: without comments, preprocessor, what is
    for C++ alone, attributes and inline functions, which no library exports."""
    text = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    text = re.sub(r"#ifdef __cplusplus.*?#endif", "", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", text, flags=re.M)
    text = re.sub(r"^static inline .*?^}$", "", text, flags=re.S | re.M)
    return re.sub(r"\n\s*\n+", "\n", text.replace("EPOCL_API ", ""))


def constant(header: str, name: str) -> str:
    """The value that `#define name` has in `header`, without quotes."""
    found = re.search(rf'^#define {name}\s+"?([^"\s]+)"?\s*$', header, flags=re.M)
    if not found:
        raise ValueError(f"epocl.h defines no {name}")
    return found.group(1)
