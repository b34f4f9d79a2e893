/* The program epocl-mpi: `epocl sweep` by all ranks of an MPI job. */
#include "command/commands.h"
#include "command/mpi/ranks.h"
#include "command/show/print_line.h"
#include "command/system/affinity.h"
#include "command/system/exit.h"
#include "command/system/pocl_cache.h"
#include "command/system/signals.h"
#include "command/system/streams.h"

#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static void print_help(void) {
    printf("epocl-mpi spreads a sweep over the ranks of an MPI job; its options are those of epocl sweep.\n\n"
           "Example:\n"
           "  mpirun -n 4 epocl-mpi sweep houses.csv --target price --learning-rate 1e-4..1e-2 --output sweep1\n\n"
           "epocl-mpi sweep --help explains them.\n");
}

static bool is_one_of(const char *word, const char *one, const char *other) {
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

/* The threads that MPI starts leave signals to those that expect them. */
static void begin_mpi(int *argc, char ***argv) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    sigset_t watched, before;
    int provided = 0;
    sigemptyset(&watched);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) sigaddset(&watched, numbers[i]);
    pthread_sigmask(SIG_BLOCK, &watched, &before);
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static epocl_status run(int argc, char **argv, const sweep_spread *spread) {
    settings given;
    const char *first = argc > 1 ? argv[1] : "--help";
    const bool prints = spread->rank == 0;
    if (is_one_of(first, "--help", "-h")) {
        if (prints) print_help();
        return EPOCL_OK;
    }
    if (is_one_of(first, "--version", "-V")) {
        if (prints) printf("epocl-mpi %s\n", epocl_version());
        return EPOCL_OK;
    }
    if (strcmp(first, command_sweep.name) != 0)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl-mpi has one command, sweep; epocl has the others");
    const epocl_status status = options_parse(&command_sweep, argc - 1, argv + 1, &given);
    if (status != EPOCL_OK) return status;
    if (given.help) {
        if (prints) options_print_help(&command_sweep);
        return EPOCL_OK;
    }
    pocl_cache_begin();
    return sweep_run(&given, spread);
}

int main(int argc, char **argv) {
    streams_begin();
    signal(SIGXFSZ, SIG_IGN); /* a file over its size limit is a failed write, not the end */
    signals_keep_ignored();
    affinity_begin();
    begin_mpi(&argc, &argv);
    const sweep_spread spread = ranks_spread();
    epocl_status status = run(argc, argv, &spread);
    if (status == EPOCL_OK) status = streams_end();
    if (status != EPOCL_OK && status != EPOCL_STOPPED && spread.rank == 0)
        print_line(stderr, "epocl-mpi: %s", epocl_last_error());
    fflush(NULL);
    MPI_Finalize();
    exit_with(status);
}
