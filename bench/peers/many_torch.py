"""PyTorch, eager, one network after the other, as people train them; each has all cores, or one where that is faster."""

import torch
from torch.nn import functional

from bench.peers import many


def make_runner(network, inputs, labels, layers_of_each, orders):
    torch.set_num_threads(1)  # faster for such small products than all
    x, y = torch.from_numpy(inputs), torch.from_numpy(labels)
    models = []
    for layers in layers_of_each:
        modules = []
        for i, (weights, biases) in enumerate(layers):
            linear = torch.nn.Linear(weights.shape[1], weights.shape[0])
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(weights))
                linear.bias.copy_(torch.from_numpy(biases))
            modules.append(linear)
            if i + 1 < len(layers):
                modules.append(torch.nn.Sigmoid() if many.is_seed(network) else torch.nn.ReLU())
        models.append(torch.nn.Sequential(*modules))
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[network.recipe.optimizer]
    fused = {} if network.recipe.optimizer == "sgd" else {"fused": True}
    optimizers = [make(model.parameters(), lr=network.learning_rate, **fused) for model in models]
    classes = network.units[-1]

    def cost_of(z, target):
        if many.is_seed(network):
            wanted = functional.one_hot(target, classes).float()
            return functional.binary_cross_entropy_with_logits(z, wanted, reduction="sum") / len(target)
        return functional.cross_entropy(z, target)

    def run(step_count):
        costs = []
        for model, optimizer, order in zip(models, optimizers, orders):
            done = 0
            while done < step_count:
                index = torch.from_numpy(order.permutation(len(inputs)))
                for batch in index.split(network.batch_size)[: step_count - done]:
                    if len(batch) < network.batch_size:
                        continue
                    optimizer.zero_grad(set_to_none=True)
                    cost = cost_of(model(x[batch]), y[batch])
                    cost.backward()
                    optimizer.step()
                    done += 1
            costs.append(float(cost))
        return costs

    return run


if __name__ == "__main__":
    many.main("PyTorch eager", torch.__version__, make_runner)
