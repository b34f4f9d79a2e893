/* Files of the build that a test program finds by where it lies itself. */
#ifndef EPOCL_TESTS_BESIDE_H
#define EPOCL_TESTS_BESIDE_H

/* Sets the environment variable, unless it is set, to the absolute path of `relative`, counted from the folder of
 * `program` (argv[0]); does nothing when no such file exists. */
void set_path_beside(const char *variable, const char *program, const char *relative);

#endif
