# Completion of epocl for bash. Written by `make docs` from the tables of commands and options.
_epocl() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local commands='devices train sweep evaluate importance predict inspect compare report export import bench tune doctor help' options= operand= words=
    COMPREPLY=()
    # --option=value is three words
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$current")
        return
    fi
    case ${COMP_WORDS[1]} in
        devices)
            options='--json --help'
            operand=
            case $previous in
                *) ;;
            esac
            ;;
        train)
            options='--data --labels --sample-weights --valid --valid-labels --valid-split --folds --normalize --target --features --ignore --categorical --numeric --weights --id --group --time --task --separator --header --na --decimal --thousands --comment --ragged --libsvm-base --init --recipe --hidden --classes --activation --cost --output-activation --preset --ensemble --draw --calibrate --epochs --batch-size --learning-rate --optimizer --momentum --beta1 --beta2 --epsilon --weight-decay --clip-value --clip-norm --accumulate --schedule --schedule-epochs --warmup --final-rate --plateau-patience --plateau-factor --dropout --input-dropout --input-noise --max-norm --average --label-smoothing --initialization --class-weights --freeze --seed --monitor --patience --min-delta --max-seconds --device --no-self-test --timeout --matmul --plan --tune --output --force --resume --config --print-config --checkpoint-every --dry-run --profile --tensorboard --json --quiet --help'
            operand=default
            case $previous in
                --data) compopt -o default && return ;;
                --labels | --targets) compopt -o default && return ;;
                --sample-weights) compopt -o default && return ;;
                --valid) compopt -o default && return ;;
                --valid-labels | --valid-targets) compopt -o default && return ;;
                --valid-split) return ;;
                --folds) return ;;
                --normalize) words='auto none scale255 zscore minmax' ;;
                --target) return ;;
                --features) return ;;
                --ignore) return ;;
                --categorical) return ;;
                --numeric) return ;;
                --weights) return ;;
                --id) return ;;
                --group) return ;;
                --time) return ;;
                --task) words='auto classification regression' ;;
                --separator) return ;;
                --header) words='auto yes no' ;;
                --na) return ;;
                --decimal) return ;;
                --thousands) return ;;
                --comment) return ;;
                --ragged) words='error skip' ;;
                --libsvm-base) words='auto 0 1' ;;
                --init) compopt -o default && return ;;
                --recipe) words='standard seed table' ;;
                --hidden) return ;;
                --classes) return ;;
                --activation) return ;;
                --cost | --loss) return ;;
                --output-activation) return ;;
                --preset) words='fast default quality' ;;
                --ensemble) return ;;
                --draw) return ;;
                --calibrate) words='auto on off' ;;
                --epochs | -e) return ;;
                --batch-size | -b) return ;;
                --learning-rate | --lr) return ;;
                --optimizer | --optimiser) words='sgd momentum nesterov adagrad rmsprop adam adamw lion nadam' ;;
                --momentum) return ;;
                --beta1) return ;;
                --beta2) return ;;
                --epsilon) return ;;
                --weight-decay) return ;;
                --clip-value) return ;;
                --clip-norm) return ;;
                --accumulate) return ;;
                --schedule) words='constant linear cosine exponential step one-cycle coslog plateau' ;;
                --schedule-epochs) return ;;
                --warmup) return ;;
                --final-rate) return ;;
                --plateau-patience) return ;;
                --plateau-factor) return ;;
                --dropout) return ;;
                --input-dropout) return ;;
                --input-noise) return ;;
                --max-norm) return ;;
                --average) return ;;
                --label-smoothing) return ;;
                --initialization | --initialisation) words='auto glorot-uniform glorot-normal he-uniform he-normal lecun-uniform lecun-normal uniform orthogonal' ;;
                --class-weights) return ;;
                --freeze) return ;;
                --seed | -s) return ;;
                --monitor) words='cost accuracy balanced-accuracy top-5-accuracy log-loss brier-score roc-auc average-precision macro-precision macro-recall macro-f1 micro-precision micro-recall micro-f1 weighted-precision weighted-recall weighted-f1 rmse mae r2' ;;
                --patience) return ;;
                --min-delta) return ;;
                --max-seconds) return ;;
                --device | -d) return ;;
                --timeout) return ;;
                --matmul) words='auto plain tile local clblast' ;;
                --plan) words='auto layered merged resident' ;;
                --tune) words='off quick full' ;;
                --output | -o) compopt -o dirnames && return ;;
                --resume) compopt -o dirnames && return ;;
                --config) compopt -o default && return ;;
                --checkpoint-every) return ;;
                --profile) compopt -o default && return ;;
                --tensorboard) compopt -o dirnames && return ;;
                *) ;;
            esac
            ;;
        sweep)
            options='--data --labels --sample-weights --valid --valid-labels --valid-split --normalize --target --features --ignore --categorical --numeric --weights --id --group --time --task --separator --header --na --decimal --thousands --comment --ragged --libsvm-base --recipe --hidden --classes --activation --cost --output-activation --epochs --batch-size --learning-rate --optimizer --momentum --beta1 --beta2 --epsilon --weight-decay --clip-value --clip-norm --accumulate --schedule --schedule-epochs --warmup --final-rate --plateau-patience --plateau-factor --dropout --input-dropout --input-noise --max-norm --average --label-smoothing --initialization --class-weights --freeze --seed --monitor --patience --min-delta --max-seconds --count --grid --seeds --halving --workers --search --device --no-self-test --timeout --matmul --plan --tune --output --force --resume --config --checkpoint-every --json --quiet --help'
            operand=default
            case $previous in
                --data) compopt -o default && return ;;
                --labels | --targets) compopt -o default && return ;;
                --sample-weights) compopt -o default && return ;;
                --valid) compopt -o default && return ;;
                --valid-labels | --valid-targets) compopt -o default && return ;;
                --valid-split) return ;;
                --normalize) words='auto none scale255 zscore minmax' ;;
                --target) return ;;
                --features) return ;;
                --ignore) return ;;
                --categorical) return ;;
                --numeric) return ;;
                --weights) return ;;
                --id) return ;;
                --group) return ;;
                --time) return ;;
                --task) words='auto classification regression' ;;
                --separator) return ;;
                --header) words='auto yes no' ;;
                --na) return ;;
                --decimal) return ;;
                --thousands) return ;;
                --comment) return ;;
                --ragged) words='error skip' ;;
                --libsvm-base) words='auto 0 1' ;;
                --recipe) words='standard seed table' ;;
                --hidden) return ;;
                --classes) return ;;
                --activation) return ;;
                --cost | --loss) return ;;
                --output-activation) return ;;
                --epochs | -e) return ;;
                --batch-size | -b) return ;;
                --learning-rate | --lr) return ;;
                --optimizer | --optimiser) words='sgd momentum nesterov adagrad rmsprop adam adamw lion nadam' ;;
                --momentum) return ;;
                --beta1) return ;;
                --beta2) return ;;
                --epsilon) return ;;
                --weight-decay) return ;;
                --clip-value) return ;;
                --clip-norm) return ;;
                --accumulate) return ;;
                --schedule) words='constant linear cosine exponential step one-cycle coslog plateau' ;;
                --schedule-epochs) return ;;
                --warmup) return ;;
                --final-rate) return ;;
                --plateau-patience) return ;;
                --plateau-factor) return ;;
                --dropout) return ;;
                --input-dropout) return ;;
                --input-noise) return ;;
                --max-norm) return ;;
                --average) return ;;
                --label-smoothing) return ;;
                --initialization | --initialisation) words='auto glorot-uniform glorot-normal he-uniform he-normal lecun-uniform lecun-normal uniform orthogonal' ;;
                --class-weights) return ;;
                --freeze) return ;;
                --seed | -s) return ;;
                --monitor) words='cost accuracy balanced-accuracy top-5-accuracy log-loss brier-score roc-auc average-precision macro-precision macro-recall macro-f1 micro-precision micro-recall micro-f1 weighted-precision weighted-recall weighted-f1 rmse mae r2' ;;
                --patience) return ;;
                --min-delta) return ;;
                --max-seconds) return ;;
                --count) return ;;
                --seeds) return ;;
                --halving) words='off 2 3 4' ;;
                --workers) return ;;
                --search) return ;;
                --device | -d) return ;;
                --timeout) return ;;
                --matmul) words='auto plain tile local clblast' ;;
                --plan) words='auto layered merged resident' ;;
                --tune) words='off quick full' ;;
                --output | -o) compopt -o dirnames && return ;;
                --resume) compopt -o dirnames && return ;;
                --config) compopt -o default && return ;;
                --checkpoint-every) return ;;
                *) ;;
            esac
            ;;
        evaluate)
            options='--model --data --labels --sample-weights --separator --header --na --decimal --thousands --comment --ragged --libsvm-base --device --no-self-test --timeout --json --help'
            operand=default
            case $previous in
                --model) compopt -o default && return ;;
                --data) compopt -o default && return ;;
                --labels | --targets) compopt -o default && return ;;
                --sample-weights) compopt -o default && return ;;
                --separator) return ;;
                --header) words='auto yes no' ;;
                --na) return ;;
                --decimal) return ;;
                --thousands) return ;;
                --comment) return ;;
                --ragged) words='error skip' ;;
                --libsvm-base) words='auto 0 1' ;;
                --device | -d) return ;;
                --timeout) return ;;
                *) ;;
            esac
            ;;
        importance)
            options='--model --data --separator --header --na --decimal --thousands --comment --ragged --libsvm-base --metric --repeats --seed --device --no-self-test --timeout --json --help'
            operand=default
            case $previous in
                --model) compopt -o default && return ;;
                --data) compopt -o default && return ;;
                --separator) return ;;
                --header) words='auto yes no' ;;
                --na) return ;;
                --decimal) return ;;
                --thousands) return ;;
                --comment) return ;;
                --ragged) words='error skip' ;;
                --libsvm-base) words='auto 0 1' ;;
                --metric) return ;;
                --repeats) return ;;
                --seed | -s) return ;;
                --device | -d) return ;;
                --timeout) return ;;
                *) ;;
            esac
            ;;
        predict)
            options='--model --data --id --separator --header --na --decimal --thousands --comment --ragged --libsvm-base --device --no-self-test --timeout --proba --spread --members --append --help'
            operand=default
            case $previous in
                --model) compopt -o default && return ;;
                --data) compopt -o default && return ;;
                --id) return ;;
                --separator) return ;;
                --header) words='auto yes no' ;;
                --na) return ;;
                --decimal) return ;;
                --thousands) return ;;
                --comment) return ;;
                --ragged) words='error skip' ;;
                --libsvm-base) words='auto 0 1' ;;
                --device | -d) return ;;
                --timeout) return ;;
                *) ;;
            esac
            ;;
        inspect)
            options='--model --json --help'
            operand=default
            case $previous in
                --model) compopt -o default && return ;;
                *) ;;
            esac
            ;;
        compare)
            options='--json --help'
            operand=dirnames
            case $previous in
                *) ;;
            esac
            ;;
        report)
            options='--run --data --labels --sample-weights --separator --header --na --decimal --thousands --comment --ragged --libsvm-base --device --no-self-test --timeout --output --importance --help'
            operand=dirnames
            case $previous in
                --run) compopt -o dirnames && return ;;
                --data) compopt -o default && return ;;
                --labels | --targets) compopt -o default && return ;;
                --sample-weights) compopt -o default && return ;;
                --separator) return ;;
                --header) words='auto yes no' ;;
                --na) return ;;
                --decimal) return ;;
                --thousands) return ;;
                --comment) return ;;
                --ragged) words='error skip' ;;
                --libsvm-base) words='auto 0 1' ;;
                --device | -d) return ;;
                --timeout) return ;;
                --output | -o) compopt -o default && return ;;
                *) ;;
            esac
            ;;
        export)
            options='--model --to --output --prefix --help'
            operand=default
            case $previous in
                --model) compopt -o default && return ;;
                --to) words='auto onnx c c-int8 safetensors' ;;
                --output | -o) compopt -o default && return ;;
                --prefix) return ;;
                *) ;;
            esac
            ;;
        import)
            options='--model --activation --cost --output-activation --output --help'
            operand=default
            case $previous in
                --model) compopt -o default && return ;;
                --activation) return ;;
                --cost | --loss) return ;;
                --output-activation) return ;;
                --output | -o) compopt -o default && return ;;
                *) ;;
            esac
            ;;
        bench)
            options='--net --recipe --samples --batch-size --sweep --from --to --plot --seconds --blas --device --no-self-test --timeout --matmul --plan --tune --json --quiet --help'
            operand=
            case $previous in
                --net) return ;;
                --recipe) words='seed standard' ;;
                --samples) return ;;
                --batch-size | -b) return ;;
                --sweep) words='width batch depth samples' ;;
                --from) return ;;
                --to) return ;;
                --plot) compopt -o default && return ;;
                --seconds) return ;;
                --blas) return ;;
                --device | -d) return ;;
                --timeout) return ;;
                --matmul) words='auto plain tile local clblast' ;;
                --plan) words='auto layered merged resident' ;;
                --tune) words='off quick full' ;;
                *) ;;
            esac
            ;;
        tune)
            options='--net --batch-size --device --no-self-test --timeout --json --quiet --help'
            operand=
            case $previous in
                --net) return ;;
                --batch-size | -b) return ;;
                --device | -d) return ;;
                --timeout) return ;;
                *) ;;
            esac
            ;;
        doctor)
            options='--json --help'
            operand=
            case $previous in
                *) ;;
            esac
            ;;
        help) words=$commands ;;
        *) return ;;
    esac
    if [[ -n $words ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    elif [[ -n $operand ]]; then
        compopt -o "$operand"
    fi
}
complete -F _epocl epocl
