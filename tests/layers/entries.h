/* The entry points of OpenCL 1.2 for contexts, queues, buffers, programs, kernels and events, with their types.
 *
 *     #define ENTRY(return_type, name, parameters, arguments) ...
 *     #include "layers/entries.h"
 *
 * The layer wraps exactly these; `make check` tells of one that epocl or CLBlast calls and that is missing here.
 * `pointer` stands for void *. Some can be told apart, by macros of the same form; those not defined are ENTRY:
 *
 *     CREATE           returns a new object, or NULL with its code in the last parameter, `status`
 *     RETAIN, RELEASE  has one parameter, the object
 *     ENQUEUE          returns a code; a command's event goes to the last parameter, `event`
 *     MAP              returns a pointer, or NULL; the last parameters are `event` and `status`
 *
 * All are undefined again at the end. */

#ifndef CREATE
#define CREATE ENTRY
#endif
#ifndef RETAIN
#define RETAIN ENTRY
#endif
#ifndef RELEASE
#define RELEASE ENTRY
#endif
#ifndef ENQUEUE
#define ENQUEUE ENTRY
#endif
#ifndef MAP
#define MAP ENTRY
#endif

ENTRY(cl_int, clGetPlatformIDs, (cl_uint num_entries, cl_platform_id *platforms, cl_uint *num_platforms),
      (num_entries, platforms, num_platforms))
ENTRY(cl_int, clGetPlatformInfo,
      (cl_platform_id platform, cl_platform_info name, size_t size, void *value, size_t *size_written),
      (platform, name, size, value, size_written))
ENTRY(cl_int, clGetDeviceIDs,
      (cl_platform_id platform, cl_device_type device_type, cl_uint num_entries, cl_device_id *devices,
       cl_uint *num_devices),
      (platform, device_type, num_entries, devices, num_devices))
ENTRY(cl_int, clGetDeviceInfo,
      (cl_device_id device, cl_device_info name, size_t size, void *value, size_t *size_written),
      (device, name, size, value, size_written))
ENTRY(cl_int, clCreateSubDevices,
      (cl_device_id in_device, const cl_device_partition_property *partition_properties, cl_uint num_entries,
       cl_device_id *out_devices, cl_uint *num_devices),
      (in_device, partition_properties, num_entries, out_devices, num_devices))
ENTRY(cl_int, clRetainDevice, (cl_device_id device), (device))
ENTRY(cl_int, clReleaseDevice, (cl_device_id device), (device))
CREATE(cl_context, clCreateContext,
       (const cl_context_properties *properties, cl_uint num_devices, const cl_device_id *devices,
        void(CL_CALLBACK *notify)(const char *, const void *, size_t, void *), void *user, cl_int *status),
       (properties, num_devices, devices, notify, user, status))
CREATE(cl_context, clCreateContextFromType,
       (const cl_context_properties *properties, cl_device_type device_type,
        void(CL_CALLBACK *notify)(const char *, const void *, size_t, void *), void *user, cl_int *status),
       (properties, device_type, notify, user, status))
RETAIN(cl_int, clRetainContext, (cl_context context), (context))
RELEASE(cl_int, clReleaseContext, (cl_context context), (context))
ENTRY(cl_int, clGetContextInfo,
      (cl_context context, cl_context_info name, size_t size, void *value, size_t *size_written),
      (context, name, size, value, size_written))
CREATE(cl_command_queue, clCreateCommandQueue,
       (cl_context context, cl_device_id device, cl_command_queue_properties properties, cl_int *status),
       (context, device, properties, status))
RETAIN(cl_int, clRetainCommandQueue, (cl_command_queue queue), (queue))
RELEASE(cl_int, clReleaseCommandQueue, (cl_command_queue queue), (queue))
ENTRY(cl_int, clGetCommandQueueInfo,
      (cl_command_queue queue, cl_command_queue_info name, size_t size, void *value, size_t *size_written),
      (queue, name, size, value, size_written))
CREATE(cl_mem, clCreateBuffer, (cl_context context, cl_mem_flags flags, size_t size, void *host_ptr, cl_int *status),
       (context, flags, size, host_ptr, status))
CREATE(cl_mem, clCreateSubBuffer,
       (cl_mem buffer, cl_mem_flags flags, cl_buffer_create_type buffer_create_type, const void *buffer_create_info,
        cl_int *status),
       (buffer, flags, buffer_create_type, buffer_create_info, status))
RETAIN(cl_int, clRetainMemObject, (cl_mem memobj), (memobj))
RELEASE(cl_int, clReleaseMemObject, (cl_mem memobj), (memobj))
ENTRY(cl_int, clGetMemObjectInfo, (cl_mem memobj, cl_mem_info name, size_t size, void *value, size_t *size_written),
      (memobj, name, size, value, size_written))
CREATE(cl_program, clCreateProgramWithSource,
       (cl_context context, cl_uint count, const char **strings, const size_t *lengths, cl_int *status),
       (context, count, strings, lengths, status))
CREATE(cl_program, clCreateProgramWithBinary,
       (cl_context context, cl_uint num_devices, const cl_device_id *device_list, const size_t *lengths,
        const unsigned char **binaries, cl_int *binary_status, cl_int *status),
       (context, num_devices, device_list, lengths, binaries, binary_status, status))
RETAIN(cl_int, clRetainProgram, (cl_program program), (program))
RELEASE(cl_int, clReleaseProgram, (cl_program program), (program))
ENTRY(cl_int, clBuildProgram,
      (cl_program program, cl_uint num_devices, const cl_device_id *device_list, const char *options,
       void(CL_CALLBACK *notify)(cl_program, void *), void *user),
      (program, num_devices, device_list, options, notify, user))
ENTRY(cl_int, clCompileProgram,
      (cl_program program, cl_uint num_devices, const cl_device_id *device_list, const char *options,
       cl_uint num_input_headers, const cl_program *input_headers, const char **header_include_names,
       void(CL_CALLBACK *notify)(cl_program, void *), void *user),
      (program, num_devices, device_list, options, num_input_headers, input_headers, header_include_names, notify,
       user))
CREATE(cl_program, clLinkProgram,
       (cl_context context, cl_uint num_devices, const cl_device_id *device_list, const char *options,
        cl_uint num_input_programs, const cl_program *input_programs, void(CL_CALLBACK *notify)(cl_program, void *),
        void *user, cl_int *status),
       (context, num_devices, device_list, options, num_input_programs, input_programs, notify, user, status))
ENTRY(cl_int, clGetProgramInfo,
      (cl_program program, cl_program_info name, size_t size, void *value, size_t *size_written),
      (program, name, size, value, size_written))
ENTRY(cl_int, clGetProgramBuildInfo,
      (cl_program program, cl_device_id device, cl_program_build_info name, size_t size, void *value,
       size_t *size_written),
      (program, device, name, size, value, size_written))
CREATE(cl_kernel, clCreateKernel, (cl_program program, const char *kernel_name, cl_int *status),
       (program, kernel_name, status))
ENTRY(cl_int, clCreateKernelsInProgram,
      (cl_program program, cl_uint num_kernels, cl_kernel *kernels, cl_uint *num_kernels_ret),
      (program, num_kernels, kernels, num_kernels_ret))
RETAIN(cl_int, clRetainKernel, (cl_kernel kernel), (kernel))
RELEASE(cl_int, clReleaseKernel, (cl_kernel kernel), (kernel))
ENTRY(cl_int, clSetKernelArg, (cl_kernel kernel, cl_uint arg_index, size_t arg_size, const void *arg_value),
      (kernel, arg_index, arg_size, arg_value))
ENTRY(cl_int, clGetKernelInfo, (cl_kernel kernel, cl_kernel_info name, size_t size, void *value, size_t *size_written),
      (kernel, name, size, value, size_written))
ENTRY(cl_int, clGetKernelArgInfo,
      (cl_kernel kernel, cl_uint arg_indx, cl_kernel_arg_info name, size_t size, void *value, size_t *size_written),
      (kernel, arg_indx, name, size, value, size_written))
ENTRY(cl_int, clGetKernelWorkGroupInfo,
      (cl_kernel kernel, cl_device_id device, cl_kernel_work_group_info name, size_t size, void *value,
       size_t *size_written),
      (kernel, device, name, size, value, size_written))
ENTRY(cl_int, clWaitForEvents, (cl_uint num_events, const cl_event *event_list), (num_events, event_list))
ENTRY(cl_int, clGetEventInfo, (cl_event event, cl_event_info name, size_t size, void *value, size_t *size_written),
      (event, name, size, value, size_written))
CREATE(cl_event, clCreateUserEvent, (cl_context context, cl_int *status), (context, status))
RETAIN(cl_int, clRetainEvent, (cl_event event), (event))
RELEASE(cl_int, clReleaseEvent, (cl_event event), (event))
ENTRY(cl_int, clSetUserEventStatus, (cl_event event, cl_int execution_status), (event, execution_status))
ENTRY(cl_int, clSetEventCallback,
      (cl_event event, cl_int command_exec_callback_type, void(CL_CALLBACK *notify)(cl_event, cl_int, void *),
       void *user),
      (event, command_exec_callback_type, notify, user))
ENTRY(cl_int, clGetEventProfilingInfo,
      (cl_event event, cl_profiling_info name, size_t size, void *value, size_t *size_written),
      (event, name, size, value, size_written))
ENTRY(cl_int, clFlush, (cl_command_queue queue), (queue))
ENTRY(cl_int, clFinish, (cl_command_queue queue), (queue))
ENQUEUE(cl_int, clEnqueueReadBuffer,
        (cl_command_queue queue, cl_mem buffer, cl_bool blocking_read, size_t offset, size_t cb, void *ptr,
         cl_uint wait_count, const cl_event *waits, cl_event *event),
        (queue, buffer, blocking_read, offset, cb, ptr, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueReadBufferRect,
        (cl_command_queue queue, cl_mem buffer, cl_bool blocking_read, const size_t *buffer_origin,
         const size_t *host_origin, const size_t *region, size_t buffer_row_pitch, size_t buffer_slice_pitch,
         size_t host_row_pitch, size_t host_slice_pitch, void *ptr, cl_uint wait_count, const cl_event *waits,
         cl_event *event),
        (queue, buffer, blocking_read, buffer_origin, host_origin, region, buffer_row_pitch, buffer_slice_pitch,
         host_row_pitch, host_slice_pitch, ptr, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueWriteBuffer,
        (cl_command_queue queue, cl_mem buffer, cl_bool blocking_write, size_t offset, size_t cb, const void *ptr,
         cl_uint wait_count, const cl_event *waits, cl_event *event),
        (queue, buffer, blocking_write, offset, cb, ptr, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueWriteBufferRect,
        (cl_command_queue queue, cl_mem buffer, cl_bool blocking_read, const size_t *buffer_origin,
         const size_t *host_origin, const size_t *region, size_t buffer_row_pitch, size_t buffer_slice_pitch,
         size_t host_row_pitch, size_t host_slice_pitch, const void *ptr, cl_uint wait_count, const cl_event *waits,
         cl_event *event),
        (queue, buffer, blocking_read, buffer_origin, host_origin, region, buffer_row_pitch, buffer_slice_pitch,
         host_row_pitch, host_slice_pitch, ptr, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueFillBuffer,
        (cl_command_queue queue, cl_mem buffer, const void *pattern, size_t pattern_size, size_t offset, size_t cb,
         cl_uint wait_count, const cl_event *waits, cl_event *event),
        (queue, buffer, pattern, pattern_size, offset, cb, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueCopyBuffer,
        (cl_command_queue queue, cl_mem src_buffer, cl_mem dst_buffer, size_t src_offset, size_t dst_offset, size_t cb,
         cl_uint wait_count, const cl_event *waits, cl_event *event),
        (queue, src_buffer, dst_buffer, src_offset, dst_offset, cb, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueCopyBufferRect,
        (cl_command_queue queue, cl_mem src_buffer, cl_mem dst_buffer, const size_t *src_origin,
         const size_t *dst_origin, const size_t *region, size_t src_row_pitch, size_t src_slice_pitch,
         size_t dst_row_pitch, size_t dst_slice_pitch, cl_uint wait_count, const cl_event *waits, cl_event *event),
        (queue, src_buffer, dst_buffer, src_origin, dst_origin, region, src_row_pitch, src_slice_pitch, dst_row_pitch,
         dst_slice_pitch, wait_count, waits, event))
MAP(pointer, clEnqueueMapBuffer,
    (cl_command_queue queue, cl_mem buffer, cl_bool blocking_map, cl_map_flags map_flags, size_t offset, size_t cb,
     cl_uint wait_count, const cl_event *waits, cl_event *event, cl_int *status),
    (queue, buffer, blocking_map, map_flags, offset, cb, wait_count, waits, event, status))
ENQUEUE(cl_int, clEnqueueUnmapMemObject,
        (cl_command_queue queue, cl_mem memobj, void *mapped_ptr, cl_uint wait_count, const cl_event *waits,
         cl_event *event),
        (queue, memobj, mapped_ptr, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueMigrateMemObjects,
        (cl_command_queue queue, cl_uint num_mem_objects, const cl_mem *mem_objects, cl_mem_migration_flags flags,
         cl_uint wait_count, const cl_event *waits, cl_event *event),
        (queue, num_mem_objects, mem_objects, flags, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueNDRangeKernel,
        (cl_command_queue queue, cl_kernel kernel, cl_uint work_dim, const size_t *global_work_offset,
         const size_t *global_work_size, const size_t *local_work_size, cl_uint wait_count, const cl_event *waits,
         cl_event *event),
        (queue, kernel, work_dim, global_work_offset, global_work_size, local_work_size, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueTask,
        (cl_command_queue queue, cl_kernel kernel, cl_uint wait_count, const cl_event *waits, cl_event *event),
        (queue, kernel, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueNativeKernel,
        (cl_command_queue queue, void(CL_CALLBACK *user_func)(void *), void *args, size_t cb_args,
         cl_uint num_mem_objects, const cl_mem *mem_list, const void **args_mem_loc, cl_uint wait_count,
         const cl_event *waits, cl_event *event),
        (queue, user_func, args, cb_args, num_mem_objects, mem_list, args_mem_loc, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueMarkerWithWaitList,
        (cl_command_queue queue, cl_uint wait_count, const cl_event *waits, cl_event *event),
        (queue, wait_count, waits, event))
ENQUEUE(cl_int, clEnqueueBarrierWithWaitList,
        (cl_command_queue queue, cl_uint wait_count, const cl_event *waits, cl_event *event),
        (queue, wait_count, waits, event))

#undef ENTRY
#undef CREATE
#undef RETAIN
#undef RELEASE
#undef ENQUEUE
#undef MAP
