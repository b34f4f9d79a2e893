/* A program as a user of the installed library writes it: prints the version and lists the devices. */
#include <epocl.h>

#include <stdio.h>

int main(void) {
    epocl_device_info infos[16];
    size_t count = 0;

    printf("epocl %s\n", epocl_version());
    if (epocl_devices_list(infos, 16, &count) != EPOCL_OK) {
        fprintf(stderr, "%s\n", epocl_last_error());
        return 1;
    }
    for (size_t i = 0; i < count && i < 16; i++) printf("%zu: %s\n", infos[i].index, infos[i].name);
    return 0;
}
