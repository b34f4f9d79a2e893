/* Devices, networks and quantities as short texts for people. */
#ifndef EPOCL_COMMAND_SHOW_DESCRIBE_H
#define EPOCL_COMMAND_SHOW_DESCRIBE_H

#include "epocl.h"

/* "cpu", "gpu" or "other". */
const char *device_type_text(epocl_device_type type);

/* "0:1 NAME", by which --device finds the device again. */
void device_text(const epocl_device_info *info, char *text, size_t capacity);

/* "784-128-10", shortened in the middle by "..." where it does not fit. */
void network_shape_text(const epocl_network *network, char *text, size_t capacity);

/* Layers, parameter count and functions, on standard output. */
void network_print(const epocl_network *network);

/* "1.5 GiB". */
void bytes_text(uint64_t bytes, char *text, size_t capacity);

/* "1:02:03", "2:03". */
void duration_text(double seconds, char *text, size_t capacity);

#endif
