/* A sweep: settings, each with one member for each seed; who goes on at a rung; and what is told and written of them.
 */
#ifndef EPOCL_COMMAND_SWEEP_SWEEP_H
#define EPOCL_COMMAND_SWEEP_SWEEP_H

#include "command/options/settings.h"
#include "command/run/files/folder.h"
#include "command/show/progress.h"
#include "command/sweep/standing.h"
#include "command/sweep/sweep_workers.h"

enum { SWEEP_MOST_MEMBERS = 10000, SWEEP_MOST_SEEDS = 100 };

/* What --halving takes: of how many settings one goes on at a rung. */
extern const char *const halving_words[];

/* One network: setting `number / seed_count`, seed `number % seed_count`. */
typedef struct sweep_member {
    epocl_options options; /* of its network and training          */
    bool is_dropped;       /* at a rung: it is trained no more     */
    size_t rung;           /* the last one that it was in, from 0  */
    member_result result;
} sweep_member;

typedef struct sweep {
    const settings *given;
    const search *searched;
    run_folder *folder;
    sweep_workers *workers;
    const epocl_dataset *data, *valid;
    progress *shown;
    sweep_member *members; /* owned */
    setting_result *ranks; /* owned: of all settings, best first */
    size_t setting_count, seed_count;
    sweep_rung rungs[RUNGS_MOST];
    size_t rung_count;
    size_t rung;          /* the one in progress              */
    size_t drawn_lines;   /* of the live table, on a terminal                        */
    double train_seconds; /* that members were trained, by the clock                 */
    size_t trained_count; /* samples that all of them were trained on meanwhile      */
} sweep;

static inline size_t sweep_member_count(const sweep *s) {
    return s->setting_count * s->seed_count;
}

/* Draws the settings and plans the rungs; nothing is on the device yet. What `s` has been given stays the caller's. */
epocl_status sweep_create(sweep *s);

/* Gives the workers their members, with what a stopped sweep has left in the folder. */
epocl_status sweep_begin(sweep *s);

/* Trains all rungs. EPOCL_STOPPED after a signal, with all members saved. */
epocl_status sweep_train(sweep *s);

/* Ranks the settings by what their members have come to so far. */
void sweep_rank(sweep *s);

/* Writes sweep.csv, then the best member's network after its best epoch as the model; and removes what only a stopped
 * sweep needs. EPOCL_ERROR_DIVERGED where all settings have diverged. */
epocl_status sweep_save(sweep *s);

void sweep_release(sweep *s);

/* ---- what is told (sweep_show.c) ---- */

epocl_status sweep_tell_begin(sweep *s);
epocl_status sweep_tell_epoch(sweep *s, size_t member, const epocl_epoch_result *epoch);
epocl_status sweep_tell_rung(sweep *s);
epocl_status sweep_tell_end(sweep *s);

/* Takes the live table away, before anything else is printed. */
void sweep_clear(sweep *s);

/* ---- sweep.csv (sweep_file.c) ---- */

/* The text of the file, for free(); best first. */
epocl_status sweep_file_text(const sweep *s, char **text, size_t *length);

#endif
