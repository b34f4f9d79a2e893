# What tests/fuzz/run.sh and tests/fuzz/merge.sh share: the options of a target. Sourced.
# A target's dictionary, and the length of its inputs: files as short as what there is to find allows.
target_options() { # NAME
    case $1 in
        idx_inputs | idx_labels) echo -max_len=1100 -dict=tests/fuzz/dictionary/idx.dict ;;
        gzip | idx_gzip) echo -max_len=1000 -dict=tests/fuzz/dictionary/idx.dict ;;
        config) echo -max_len=2048 -dict=tests/fuzz/dictionary/config.dict ;;
        cache) echo -max_len=500 -dict=tests/fuzz/dictionary/cache.dict ;;
        onnx) echo -max_len=1500 -dict=tests/fuzz/dictionary/onnx.dict ;;
        safetensors | model | checkpoint | ensemble_checkpoint) echo -max_len=2560 -dict=tests/fuzz/dictionary/safetensors.dict ;;
        options) echo -max_len=400 -dict=tests/fuzz/dictionary/options.dict ;;
        table_csv | csv_cells | table_libsvm) echo -max_len=400 -dict=tests/fuzz/dictionary/table.dict ;;
        table_npy) echo -max_len=800 -dict=tests/fuzz/dictionary/table.dict ;;
        numbers | unit_lists) echo -max_len=160 -dict=tests/fuzz/dictionary/numbers.dict ;;
        *) echo -max_len=4096 ;;
    esac
}

# A minute for an input is a hang. No input makes a reader take more than a few MiB at once, nor the process more than
# the sanitizers' own memory; the targets themselves count closer (support/memory_peak.h).
limits=(-timeout=60 -malloc_limit_mb=8 -rss_limit_mb=512)

# Freed memory is kept from use for a while; with less of it, an execution takes half the time.
export ASAN_OPTIONS=quarantine_size_mb=16:malloc_context_size=4:allocator_may_return_null=0:detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1
