import gc
import math
import os
import pickle
import signal
import threading
import time

import numpy as np
import pytest

import epocl


def trained(device, options, data, epochs=3):
    network = epocl.Network(data, options)
    trainer = epocl.Trainer(device, network, data, None, options)
    for _ in range(epochs):
        trainer.run_epoch()
    return trainer.read()


def test_ensembles(device, rings, tmp_path):
    points, labels = rings
    data = epocl.Dataset(points, labels)
    members = [
        trained(device, epocl.Options(hidden=hidden, seed=seed), data) for seed, hidden in enumerate(([8], [5, 6], [8]))
    ]
    ensemble = epocl.Network.ensemble(members, [2, 1, 1])
    assert ensemble.member_shares == (0.5, 0.25, 0.25) and members[0].member_shares == (1.0,)
    ensemble.save(tmp_path / "model")
    loaded = epocl.Network.load(tmp_path / "model")
    assert [member.layer_sizes for member in loaded.members] == [(2, 8, 3), (2, 5, 6, 3), (2, 8, 3)]
    assert loaded.parameter_count == sum(member.parameter_count for member in members)
    predictor = epocl.Predictor(device, loaded)
    apart = predictor.predict_members(points)
    for member, said in zip(members, apart):
        assert (said == epocl.Predictor(device, member).predict(points)).all()
    mean = np.average(apart.astype(np.float64), axis=0, weights=loaded.member_shares)
    assert np.allclose(predictor.predict(points), mean, atol=1e-6)
    assert pickle.loads(pickle.dumps(loaded)).member_shares == loaded.member_shares
    with pytest.raises(ValueError, match="2 weights"):
        epocl.Network.ensemble(members, [1, 1])
    with pytest.raises(ValueError, match="cannot be a member"):
        epocl.Network.ensemble([ensemble, members[0]])


def test_probabilities_are_calibrated(device, rings):
    points, labels = rings
    data, other = epocl.Dataset(points, labels).split(0.4, seed=1)
    network = trained(device, epocl.Options(hidden=[8], seed=1), data)
    before = epocl.evaluate(device, network, other)
    made = epocl.calibrate(device, network, other)
    assert made.cost_before == before.cost and made.cost_after == epocl.evaluate(device, network, other).cost
    assert made.cost_after < made.cost_before and made.temperature != 1
    assert epocl.calibrate(device, network, other).temperature == pytest.approx(1, abs=2e-3)


def test_devices(device):
    info = device.info
    assert info in epocl.devices() or info.name in [other.name for other in epocl.devices()]
    assert info.unusable == "" and info.compute_units > 0 and device.name == info.name
    assert sum(platform.device_count for platform in epocl.platforms()) == len(epocl.devices())
    device.set_timeout(0)
    with pytest.raises(epocl.DeviceError, match="no such device"):
        epocl.Device("no such device")


def test_environment_chooses_the_device(monkeypatch):
    monkeypatch.setenv("EPOCL_DEVICE", "no such device")
    with pytest.raises(epocl.DeviceError, match="no such device"):
        epocl.Device()
    assert epocl.Device("0").name


def test_data_sets(rings):
    points, labels = rings
    data = epocl.Dataset(points, labels)
    assert (len(data), data.input_count, data.class_count, data.value_count) == (300, 2, 3, 0)
    assert (data.count_classes() == np.bincount(labels)).all()
    first, second = data.split(0.25, seed=3)
    assert (len(first), len(second)) == (225, 75)
    data.set_values(np.zeros((300, 4)))
    assert (data.class_count, data.value_count) == (0, 4)
    assert epocl.Dataset(points, labels.tolist(), class_count=9).class_count == 9
    assert epocl.Dataset((points * 10).astype(np.uint8)).input_count == 2
    assert epocl.Dataset(points[::2, ::-1].astype(np.float64)).sample_count == 150


@pytest.mark.parametrize(
    "arguments, named",
    [
        (dict(labels=[0, 1, 2]), "class_count"),
        (dict(labels=[0, 1, 2**40]), "class_count"),
        (dict(labels=[0, 1]), "labels"),
        (dict(labels=[0.0, 1.0, 0.5]), "whole"),
        (dict(labels=[0, -1, 1]), "negative"),
        (dict(values=[1.0, math.nan, 0]), "not finite"),
        (dict(values=[1.0]), "values"),
        (dict(labels=[0, 1, 1], weights=[1, 1]), "weights"),
        (dict(labels=[0, 1, 1], weights=[1, 1, -1]), "weight of sample 2"),
        (dict(labels=[0, 1, 1], values=[1, 2, 3]), "either"),
    ],
)
def test_data_sets_that_are_wrong(arguments, named):
    with pytest.raises(ValueError, match=named):
        epocl.Dataset(np.eye(3, dtype=np.float32), class_count=2, **arguments)


def test_inputs_that_are_wrong():
    with pytest.raises(ValueError, match="input 1 of sample 0"):
        epocl.Dataset([[0.0, math.nan]])
    with pytest.raises(ValueError, match="2 dimensions"):
        epocl.Dataset([0.0, 1.0])
    with pytest.raises(OSError) as raised:
        epocl.Dataset.load("/no/such/file")
    assert raised.value.status is epocl.Status.NO_INPUT


def test_training_evaluation_and_prediction_agree(device, options, rings):
    points, labels = rings
    data = epocl.Dataset(points, labels)
    train, valid = data.split(0.3)
    network = epocl.Network(train, options)
    assert network.layer_sizes == (2, 8, 3) and not network.has_parameters and network.parameter_count == 51
    with pytest.raises(ValueError, match="train it first"):
        network.weights(0)
    trainer = epocl.Trainer(device, network, train, valid, options)
    results = []
    progress = trainer.fit(40, lambda result: results.append(result))
    assert progress.end == epocl.End.EPOCHS and progress.best_epoch > 0
    assert repr(trainer.history) == repr(results) and trainer.epoch_count == 40 and results[-1].epoch == 40
    assert results[-1].train_cost < results[0].train_cost
    trainer.read()

    found = epocl.evaluate(device, network, valid)
    assert found.cost == pytest.approx(results[-1].valid_cost, rel=1e-6) and found.sample_count == 90
    predictor = epocl.Predictor(device, network)
    assert predictor.evaluate(valid) == found
    outputs, classes = predictor.predict(points), predictor.predict_classes(data)
    assert outputs.dtype == np.float32 and outputs.shape == (300, 3) and classes.dtype == np.uint32
    assert (outputs.argmax(axis=1) == classes).all()

    best = trainer.read_best(network.copy())
    assert epocl.evaluate(device, best, valid).cost == pytest.approx(progress.best_figure, rel=1e-6)


def test_a_callback_ends_a_fit(device, options, rings):
    data = epocl.Dataset(*rings)
    trainer = epocl.Trainer(device, epocl.Network(data, options), data, None, options)
    assert trainer.fit(50, lambda result: result.epoch == 3).epoch_count == 3


def test_forward_pass_is_that_of_the_weights(device, options, rings):
    options["normalize"] = "none"
    network = trained(device, options, epocl.Dataset(*rings))
    hidden = np.maximum(rings[0].astype(np.float64) @ network.weights(0).T + network.biases(0), 0)
    z = hidden @ network.weights(1).T + network.biases(1)
    shares = np.exp(z - z.max(axis=1, keepdims=True))
    outputs = epocl.Predictor(device, network).predict(rings[0])
    np.testing.assert_allclose(outputs, shares / shares.sum(axis=1, keepdims=True), rtol=1e-4, atol=1e-6)


def test_parameters_are_read_only_views_that_outlive_the_network(device, options, rings):
    network = trained(device, options, epocl.Dataset(*rings))
    view, copied = network.weights(0), network.weights(0).copy()
    assert np.shares_memory(view, network.weights(0)) and network.biases(1).shape == (3,)
    with pytest.raises(ValueError):
        view[0, 0] = 1
    for layer in (-1, 2):
        with pytest.raises(IndexError):
            network.weights(layer)
        with pytest.raises(IndexError):
            network.biases(layer)
    del network
    gc.collect()
    ballast = [np.ones_like(view) for _ in range(1000)]
    assert (view == copied).all() and len(ballast) == 1000


def test_networks_are_saved_copied_and_pickled(device, options, rings, tmp_path):
    network = trained(device, options, epocl.Dataset(*rings))
    network.save(tmp_path / "model.safetensors")
    content = (tmp_path / "model.safetensors").read_bytes()
    for other in (
        epocl.Network.load(tmp_path / "model.safetensors"),
        epocl.Network.from_bytes(content),
        pickle.loads(pickle.dumps(network)),
        network.copy(),
    ):
        assert other.to_bytes() == content
        assert (other.activation, other.cost, other.output) == ("relu", "softmax-cross-entropy", "softmax")
    with pytest.raises(epocl.DataError):
        epocl.Network.from_bytes(content[:-1])
    with pytest.raises(OSError):
        network.save(tmp_path / "missing" / "model")


def test_networks_go_out_and_come_back(device, options, rings, tmp_path):
    network = trained(device, options, epocl.Dataset(*rings))
    for name in ("model.onnx", "model.c"):
        network.export(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 0
    other = epocl.Network.from_other(tmp_path / "model.onnx")
    assert other.layer_sizes == network.layer_sizes and network.targets == "classes"
    wanted = epocl.Predictor(device, network).predict(rings[0])
    np.testing.assert_allclose(epocl.Predictor(device, other).predict(rings[0]), wanted, rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="txt"):
        network.export(tmp_path / "model.txt")


def test_metrics_are_scikit_learns(device, options, rings):
    from sklearn.metrics import accuracy_score, confusion_matrix

    data = epocl.Dataset(*rings)
    predictor = epocl.Predictor(device, trained(device, options, data))
    metrics, classes = predictor.metrics(data), predictor.predict_classes(data)
    assert metrics["accuracy"] == pytest.approx(accuracy_score(rings[1], classes))
    assert (metrics["confusion_matrix"] == confusion_matrix(rings[1], classes)).all()


def test_a_resumed_run_goes_on_to_the_same_bytes(device, options, rings, tmp_path):
    data = epocl.Dataset(*rings)
    whole = trained(device, options, data, epochs=4)
    trainer = epocl.Trainer(device, epocl.Network(data, options), data, None, options)
    trainer.run_epoch()
    trainer.save(tmp_path / "checkpoint")
    resumed = epocl.Trainer.resume(device, tmp_path / "checkpoint", data, None, options)
    assert resumed.fit(4).epoch_count == 4
    assert resumed.read().to_bytes() == whole.to_bytes()


def test_messages(device, options, rings):
    data, heard = epocl.Dataset(*rings), []
    trainer = epocl.Trainer(device, epocl.Network(data, options), data, None, options, on_message=heard.append)
    assert heard and all(isinstance(text, str) for text in heard)
    assert trainer.plan_name.startswith("layered") and trainer.info.launch_count > 0


def test_a_cost_that_is_not_finite_any_more(device, rings):
    options = epocl.Options(cost="squared", learning_rate=1e20, tune="off", plan="layered")
    data = epocl.Dataset(rings[0], values=rings[1])
    trainer = epocl.Trainer(device, epocl.Network(data, options), data, None, options)
    with pytest.raises(epocl.DivergedError) as raised:
        trainer.fit(20)
    assert raised.value.status is epocl.Status.DIVERGED and isinstance(raised.value, ArithmeticError)


# ---- Stops -------------------------------------------------------------------------------------------


@pytest.fixture
def long_epoch(options):
    """Data of which an epoch has 30,000 steps."""
    random = np.random.default_rng(1)
    options["batch_size"] = 1
    return epocl.Dataset(random.normal(size=(30000, 4)), random.integers(0, 2, 30000))


def test_ctrl_c_ends_an_epoch_which_then_goes_on(device, options, long_epoch):
    whole = trained(device, options, long_epoch, epochs=1)
    trainer = epocl.Trainer(device, epocl.Network(long_epoch, options), long_epoch, None, options)
    threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        trainer.run_epoch()
    assert trainer.epoch_count == 0
    assert trainer.run_epoch().sample_count == 30000
    assert trainer.read().to_bytes() == whole.to_bytes()


def test_an_interrupt_between_epochs_stops_no_later_one(device, options, rings):
    data = epocl.Dataset(*rings)
    trainer = epocl.Trainer(device, epocl.Network(data, options), data, None, options)
    trainer.run_epoch()
    trainer.stop()
    trainer._late_stop = True  # as after a Ctrl-C in the moment at which an epoch ends
    assert trainer.run_epoch().epoch == 2


def test_stop_from_another_thread(device, options, long_epoch):
    trainer = epocl.Trainer(device, epocl.Network(long_epoch, options), long_epoch, None, options)
    threading.Timer(0.2, trainer.stop).start()
    with pytest.raises(epocl.Stopped):
        trainer.run_epoch()
    assert trainer.epoch_count == 0


def test_other_threads_run_while_the_library_works(device, options, long_epoch):
    trainer = epocl.Trainer(device, epocl.Network(long_epoch, options), long_epoch, None, options)
    counted, ended = [], threading.Event()

    def count():
        while not ended.is_set():
            counted.append(1)
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    trainer._run_epoch()  # in this very thread
    ended.set()
    thread.join()
    assert len(counted) > 10


def test_threads_may_share_a_device(device, options, rings):
    data = epocl.Dataset(*rings)
    wanted = trained(device, options, data, epochs=5).to_bytes()
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(trained(device, options.copy(), data, epochs=5).to_bytes()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 4


def test_a_forked_child_is_refused(device, options, rings):
    network = trained(device, options, epocl.Dataset(*rings))
    predictor = epocl.Predictor(device, network)
    child = os.fork()
    if child == 0:
        refused = 0
        for use in (
            epocl.Device,
            lambda: predictor.predict(rings[0]),
            lambda: trained(device, options, epocl.Dataset(*rings)),
        ):
            try:
                use()
            except epocl.DeviceError as error:
                refused += "forked" in str(error)
        os._exit(refused)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
