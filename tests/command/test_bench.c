/* epocl bench: what it tells, what it refuses to time, and from which size on a device beats the CPU. */
#include "command/fixture.h"

#include "command/bench/sweep.h"
#include "command/bench/baseline/blas.h"
#include "command/bench/baseline/recipe.h"
#include "device/embedded_kernels.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *bench_suite(void);

/* ---- Crossover -------------------------------------------------------------------------------- */

START_TEST(a_crossover_holds_to_the_end) {
    enum { COUNT = 5 };
    static const struct {
        double device[COUNT], baseline[COUNT];
        size_t first;
    } cases[] = {
        {{1, 2, 3, 4, 5}, {2, 2, 2, 2, 2}, 2},               /* equal is not faster                */
        {{3, 3, 3, 3, 3}, {2, 2, 2, 2, 2}, 0},               /* always                             */
        {{1, 1, 1, 1, 1}, {2, 2, 2, 2, 2}, COUNT},           /* never                              */
        {{3, 1, 3, 1, 3}, {2, 2, 2, 2, 2}, 4},               /* from the last on                   */
        {{3, 3, 3, 3, 1}, {2, 2, 2, 2, 2}, COUNT},           /* not at the end                     */
        {{1, 3, NAN, 3, NAN}, {2, 2, 2, 2, 2}, 1},           /* what is missing does not count ... */
        {{NAN, NAN, 3, 3, 3}, {2, 2, 2, 2, 2}, 2},           /* ... as a first point either        */
        {{3, 3, 3, 3, 3}, {NAN, 2, 2, NAN, 2}, 1},           /*                                    */
        {{NAN, NAN, NAN, NAN, NAN}, {2, 2, 2, 2, 2}, COUNT}, /* nothing to compare                 */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(bench_crossover(cases[i].device, cases[i].baseline, COUNT) == cases[i].first, "case %zu: %zu", i,
                      bench_crossover(cases[i].device, cases[i].baseline, COUNT));
    ck_assert_uint_eq(bench_crossover(NULL, NULL, 0), 0);
}
END_TEST

/* ---- Sweeps ----------------------------------------------------------------------------------- */

static void check_case(const settings *given, size_t point, const char *shape, size_t batch_size, size_t samples) {
    bench_sweep sweep;
    bench_case made;
    ck_assert_int_eq(bench_sweep_create(given, &sweep), EPOCL_OK);
    ck_assert_uint_lt(point, sweep.point_count);
    ck_assert_int_eq(bench_sweep_case(&sweep, point, given, &made), EPOCL_OK);
    ck_assert_str_eq(made.shape, shape);
    ck_assert_uint_eq(made.batch_size, batch_size);
    ck_assert_uint_eq(made.sample_count, samples);
    bench_case_release(&made);
    bench_sweep_release(&sweep);
}

START_TEST(a_sweep_varies_one_size) {
    settings given = {
        .shape = {{20, 30, 40, 3}, 4}, .library.training.batch_size = 32, .samples = 100, .sweep = "width"};
    check_case(&given, 0, "20-8-8-3", 32, 100);
    given.sweep_from = 3;
    check_case(&given, 2, "20-12-12-3", 32, 100);
    given.sweep = "depth";
    check_case(&given, 0, "20-30-30-30-3", 32, 100);
    given.sweep = "batch";
    check_case(&given, 3, "20-30-40-3", 24, 100);
    check_case(&given, 5, "20-30-40-3", 96, 192); /* two mini-batches at least */
    given.sweep = "samples";
    check_case(&given, 1, "20-30-40-3", 6, 6);
    /* 4 x 2000 x 2000 + 6 x 2000 x 10 FLOP a sample: an epoch of 2e10 has fewer. */
    given = (settings){.shape = {{2000, 8, 10}, 3},
                       .library.training.batch_size = 32,
                       .samples = 10000,
                       .sweep = "width",
                       .sweep_from = 2000,
                       .sweep_to = 2000};
    check_case(&given, 0, "2000-2000-10", 32, 1240);
    given.library.training.batch_size = 4;
    check_case(&given, 0, "2000-2000-10", 4, 310);
}
END_TEST

/* ---- BLAS ------------------------------------------------------------------------------------- */

START_TEST(a_blas_that_is_missing_is_named_by_its_package) {
    static const char *const none[] = {"libnone-of-that-name.so", NULL}, *const no_blas[] = {"libm.so.6", NULL};
    blas library;
    ck_assert_int_eq(blas_load(none, &library), EPOCL_ERROR_NO_INPUT);
    ck_assert_str_eq(epocl_last_error(), "no BLAS is installed (Debian: libopenblas0)");
    ck_assert_int_eq(blas_load(no_blas, &library), EPOCL_ERROR_NO_INPUT);
    ck_assert_str_eq(epocl_last_error(), "libm.so.6 has no cblas_sgemm");
}
END_TEST

/* ---- The command ------------------------------------------------------------------------------ */

enum { RECIPES = 2 };
#define QUICK "bench", "--quiet", "--device", "0", "--samples", "500", "--seconds", "0.01"

static const struct {
    const char *words[7]; /* NULL at the end */
    int status;
    const char *part;
} refused[] = {
    {{"--plot", "@w.svg"}, 2, "--plot, --from and --to belong to a --sweep"},
    {{"--from", "3"}, 2, "belong to a --sweep"},
    {{"--sweep", "hight"}, 2, "--sweep must be one of width, batch, depth, samples"},
    {{"--sweep", "width", "--net", "20,3"}, 2, "needs a hidden layer"},
    {{"--sweep", "width", "--from", "64", "--to", "32"}, 2, "cannot go from 64 to 32"},
    {{"--sweep", "depth", "--to", "63"}, 2, "goes to 62 at most"},
    {{"--net", "20"}, 2, "--net must be 2 to 64 layer sizes"},
    {{"--recipe", "table"}, 2, "--recipe must be one of seed, standard"},
    {{"--seconds", "0"}, 2, "--seconds must be a number above 0"},
    {{"--blas", "libm.so.6"}, 66, "libm.so.6 has no cblas_sgemm"},
    {{"--sweep", "width", "--plot", "@none/w.svg"}, 73, "w.svg"},
};

START_TEST(what_cannot_be_measured_is_refused) {
    const char *words[16] = {QUICK};
    size_t count = 0, i = 0;
    while (words[count]) count++;
    while (refused[_i].words[i]) words[count++] = refused[_i].words[i++];
    assert_refused(run_words(words), refused[_i].status, refused[_i].part);
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES);
}
END_TEST

/* Members of a row that are numbers above 0; of a device only from DEVICE_FIRST on. */
static const char *const positive[] = {"samples_per_second",
                                       "gflops",
                                       "peak_gflops",
                                       "peak_percent",
                                       "step_us",
                                       "times_baseline",
                                       "epochs",
                                       "epoch_seconds",
                                       "epoch_seconds_min",
                                       "create_seconds",
                                       "first_epoch_seconds",
                                       "launches_per_step",
                                       "compile_seconds",
                                       "upload_seconds",
                                       "read_seconds"};
enum { DEVICE_FIRST = 11, POSITIVE_COUNT = sizeof positive / sizeof *positive };

/* A row of 500 samples in batches of 32 through 20-9-3: 4 x 180 + 6 x 27 FLOP a sample. */
static void check_row(const json_t *row, const char *kind, const char *recipe) {
    const bool is_device = strcmp(kind, "device") == 0;
    const double seconds = number_of(row, "epoch_seconds");
    ck_assert_str_eq(text_of(row, "event"), "bench");
    ck_assert_str_eq(text_of(row, "kind"), kind);
    ck_assert_str_eq(text_of(row, "network"), "20-9-3");
    ck_assert_str_eq(text_of(row, "recipe"), recipe);
    ck_assert_double_eq(number_of(row, "samples"), 500);
    ck_assert_double_eq(number_of(row, "batch_size"), 32);
    for (size_t i = 0; i < POSITIVE_COUNT; i++) {
        if (i >= DEVICE_FIRST && !is_device) {
            ck_assert_msg(json_is_null(json_object_get(row, positive[i])), "%s", positive[i]);
            continue;
        }
        const double value = number_of(row, positive[i]);
        ck_assert_msg(isfinite(value) && value > 0, "%s is %g", positive[i], value);
    }
    ck_assert_double_lt(number_of(row, "peak_percent"), 150);
    ck_assert_double_le(number_of(row, "epoch_seconds_min"), seconds);
    ck_assert_double_eq_tol(number_of(row, "samples_per_second") * seconds, 500, 0.1);
    ck_assert_double_eq_tol(number_of(row, "step_us"), 1e6 * seconds / 16, 1e-3);
    ck_assert_double_eq_tol(number_of(row, "gflops") * seconds, 500 * 882e-9, 1e-9);
    ck_assert_double_eq_tol(number_of(row, "peak_percent") * number_of(row, "peak_gflops"),
                            100 * number_of(row, "gflops"), 1e-5 * number_of(row, "gflops"));
}

/* Each recipe is the same one in plain C, with a BLAS and on the device, or there were no rows. */
START_TEST(rows_are_speed_baselines_and_device) {
    const char *recipe = bench_recipe_words[_i];
    outcome ended =
        run(QUICK, "--net", "20,9,3", "--json", "--matmul", "tile", "--plan", "layered", "--recipe", recipe);
    assert_status(&ended, 0);
    ck_assert_str_eq(ended.err, "");
    json_t *lines = json_lines(ended.out);
    ck_assert_uint_eq(json_array_size(lines), 4);
    const json_t *speed = json_array_get(lines, 0), *plain = json_array_get(lines, 1),
                 *blas_row = json_array_get(lines, 2), *device = json_array_get(lines, 3);
    ck_assert_str_eq(text_of(speed, "event"), "device_speed");
    ck_assert_double_gt(number_of(speed, "peak_gflops"), 0);
    ck_assert_double_gt(number_of(speed, "copy_bytes_per_second"), 0);
    ck_assert_double_gt(number_of(speed, "launch_us"), 0);
    check_row(plain, "baseline", recipe);
    ck_assert_str_eq(text_of(plain, "device"), "cpu baseline");
    ck_assert_double_eq(number_of(plain, "times_baseline"), 1);
    ck_assert_str_eq(text_of(blas_row, "device"), "cpu baseline, BLAS");
    if (json_object_get(blas_row, "error"))
        assert_contains(text_of(blas_row, "error"), "no BLAS is installed");
    else
        check_row(blas_row, "baseline", recipe);
    check_row(device, "device", recipe);
    ck_assert_str_eq(text_of(device, "device"), text_of(speed, "device"));
    /* gather, forward, output layer, delta, 2 updates and metrics a step; 2 launches before 16 steps */
    ck_assert_double_eq_tol(number_of(device, "launches_per_step"), 7 + 2.0 / 16, 1e-6);
    json_decref(lines);
    outcome_release(&ended);
}
END_TEST

/* They begin with the parameters that a device would draw: rows_are_speed_baselines_and_device compares the costs. */
START_TEST(baselines_need_no_device) {
    setenv("OCL_ICD_VENDORS", "/nonexistent/", 1);
    outcome ended =
        run("bench", "--quiet", "--samples", "500", "--seconds", "0.01", "--net", "20,9,3", "--json", "--blas", "none");
    assert_status(&ended, 0);
    assert_contains(ended.err, "no OpenCL device found");
    assert_contains(ended.err, "; measuring the CPU without OpenCL\n");
    json_t *lines = json_lines(ended.out);
    ck_assert_uint_eq(json_array_size(lines), 1);
    const json_t *row = json_array_get(lines, 0);
    ck_assert_str_eq(text_of(row, "device"), "cpu baseline");
    ck_assert_double_gt(number_of(row, "samples_per_second"), 0);
    ck_assert(json_is_null(json_object_get(row, "peak_percent")));
    json_decref(lines);
    outcome_release(&ended);
    /* Gradients whose squares are subnormal. */
    ended = run("bench", "--quiet", "--samples", "50", "--seconds", "0.01", "--net", "784-256-256-10", "--recipe",
                "standard", "--blas", "none");
    assert_status(&ended, 0);
    outcome_release(&ended);
    ended = run("bench", "--quiet", "--samples", "500", "--seconds", "0.01", "--net", "20-4-3", "--sweep", "width",
                "--from", "4", "--to", "8", "--plot", "@w.svg");
    assert_status(&ended, 0);
    assert_well_formed(scratch_path("w.svg"));
    outcome_release(&ended);
}
END_TEST

START_TEST(a_sweep_ends_with_crossover_and_plot) {
    outcome ended = run(QUICK, "--net", "20-9-3", "--sweep", "width", "--from", "4", "--to", "10", "--plot", "@w.svg",
                        "--blas", "none", "--matmul", "plain", "--plan", "layered", "--json");
    assert_status(&ended, 0);
    json_t *lines = json_lines(ended.out);
    ck_assert_uint_eq(json_array_size(lines), 6); /* speed, two rows for each of two widths, crossover */
    for (size_t i = 1; i < 5; i++) {
        const json_t *row = json_array_get(lines, i);
        ck_assert_str_eq(text_of(row, "sweep"), "width");
        ck_assert_double_eq(number_of(row, "value"), i < 3 ? 4 : 8);
        ck_assert_str_eq(text_of(row, "network"), i < 3 ? "20-4-3" : "20-8-3");
        ck_assert_str_eq(text_of(row, "kind"), i % 2 ? "baseline" : "device");
    }
    const json_t *crossover = json_array_get(lines, 5), *from = json_object_get(crossover, "from");
    const bool is_faster = number_of(json_array_get(lines, 4), "times_baseline") > 1;
    ck_assert_str_eq(text_of(crossover, "event"), "crossover");
    ck_assert_double_eq(number_of(crossover, "measured_from"), 4);
    ck_assert_double_eq(number_of(crossover, "measured_to"), 8);
    ck_assert(is_faster ? json_is_integer(from) : json_is_null(from));
    assert_well_formed(scratch_path("w.svg"));
    json_decref(lines);
    outcome_release(&ended);
}
END_TEST

/* ---- Wrong results ---------------------------------------------------------------------------- */

/* Writes all kernels to the scratch folder, and in `file` replaces `part` by as many other characters. */
static void write_kernels(const char *file, const char *part, const char *other) {
    bool is_found = false;
    for (size_t i = 0; i < embedded_kernel_count; i++) {
        char *text = strdup(embedded_kernels[i].text);
        ck_assert_ptr_nonnull(text);
        if (strcmp(embedded_kernels[i].name, file) == 0) {
            char *place = strstr(text, part);
            ck_assert_ptr_nonnull(place);
            ck_assert_uint_eq(strlen(part), strlen(other));
            memcpy(place, other, strlen(other));
            is_found = true;
        }
        scratch_write(embedded_kernels[i].name, text, strlen(text));
        free(text);
    }
    ck_assert(is_found);
}

/* A step in the wrong direction, a forward pass that leaves out inputs, an average of squares that forgets too much, a
 * copy that copies half. */
static const struct {
    const char *recipe, *file, *part, *other, *told;
} broken[] = {
    {"seed", "update_plain.cl", "add_products(own_, input", "-add_products(own_,input", "the cost of an epoch is"},
    {"seed", "forward_plain.cl", "parts, 0, input_count,", "parts,0,input_count-1,", "the cost of an epoch is"},
    {"standard", "update_plain.cl", "add_products(own_, input", "-add_products(own_,input", "the cost of an epoch is"},
    {"standard", "forward_plain.cl", "parts, 0, input_count,", "parts,0,input_count/2,", "the cost of an epoch is"},
    {"standard", "optimizers.cl", "v = h->beta2 * v", "v = h->beta1 * v", "the cost of an epoch is"},
    {"seed", "speed.cl", "to[i] = from[i]", "to[i/2]=from[i]", "speed_copy ended at"},
};

START_TEST(a_wrong_result_is_not_timed) {
    write_kernels(broken[_i].file, broken[_i].part, broken[_i].other);
    setenv("EPOCL_KERNEL_DIR", scratch_path(""), 1);
    outcome ended =
        run(QUICK, "--net", "20-9-3", "--sweep", "batch", "--from", "8", "--to", "16", "--json", "--blas", "none",
            "--matmul", "plain", "--plan", "layered", "--no-self-test", "--recipe", broken[_i].recipe);
    unsetenv("EPOCL_KERNEL_DIR");
    assert_status(&ended, 70);
    assert_contains(ended.err, broken[_i].told);
    json_t *lines = json_lines(ended.out);
    size_t wrong_count = 0;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        ck_assert_str_ne(text_of(line, "event"), "crossover");
        const json_t *kind = json_object_get(line, "kind");
        ck_assert(!kind || strcmp(json_string_value(kind), "device") != 0);
        if (!json_object_get(line, "error")) continue;
        wrong_count++;
        ck_assert_str_eq(text_of(line, "status"), "EPOCL_ERROR_SELF_TEST");
        assert_contains(text_of(line, "error"), "gives wrong results");
        ck_assert_ptr_null(json_object_get(line, "samples_per_second"));
    }
    ck_assert_uint_eq(wrong_count, strcmp(broken[_i].file, "speed.cl") == 0 ? 1 : 2);
    json_decref(lines);
    outcome_release(&ended);
}
END_TEST

Suite *bench_suite(void) {
    Suite *suite = suite_create("bench");
    TCase *parts = tcase_create("parts");
    tcase_add_test(parts, a_crossover_holds_to_the_end);
    tcase_add_test(parts, a_sweep_varies_one_size);
    tcase_add_test(parts, a_blas_that_is_missing_is_named_by_its_package);
    suite_add_tcase(suite, parts);
    TCase *runs = tcase_create("runs");
    tcase_add_checked_fixture(runs, fixture_create, fixture_remove);
    tcase_add_loop_test(runs, what_cannot_be_measured_is_refused, 0, sizeof refused / sizeof *refused);
    tcase_add_loop_test(runs, rows_are_speed_baselines_and_device, 0, RECIPES);
    tcase_add_test(runs, baselines_need_no_device);
    tcase_add_test(runs, a_sweep_ends_with_crossover_and_plot);
    tcase_add_loop_test(runs, a_wrong_result_is_not_timed, 0, sizeof broken / sizeof *broken);
    suite_add_tcase(suite, runs);
    return suite;
}
