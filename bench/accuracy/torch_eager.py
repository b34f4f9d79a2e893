"""A recipe in PyTorch: a Sequential, autograd, the fused optimiser; images are one tensor, shuffled once an epoch."""

import os

import torch
from torch.nn import functional

from bench.accuracy import recipe as recipes


def make_model(recipe, layers):
    modules = []
    for weights, biases in layers:
        if modules:
            modules += [torch.nn.ReLU()] + ([torch.nn.Dropout(recipe.dropout)] if recipe.dropout else [])
        modules.append(torch.nn.Linear(weights.shape[1], weights.shape[0]))
        with torch.no_grad():
            modules[-1].weight.copy_(torch.from_numpy(weights))
            modules[-1].bias.copy_(torch.from_numpy(biases))
    return torch.nn.Sequential(*modules)


def normalization(recipe, inputs):
    """Of bytes as floats: factors and shifts of all, or of each pixel; a pixel that never changes becomes 0."""
    if recipe.normalize == "scale255":
        return torch.tensor(1 / 255), torch.tensor(0.0)
    deviation, mean = torch.std_mean(inputs, dim=0, correction=0)
    scale = torch.where(deviation > 0, 1 / deviation, 0)
    return scale, -mean * scale


def make_optimizer(recipe, model):
    """Weight decay is of weights, not of biases."""
    groups = [{"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": recipe.weight_decay},
              {"params": [p for p in model.parameters() if p.dim() == 1], "weight_decay": 0.0}]
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, lr=recipe.learning_rate, betas=(recipes.BETA1, recipes.BETA2), eps=recipes.EPSILON, fused=True)


def train(recipe, seed):
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(seed)
    images, labels = recipes.read_images("train")
    inputs = torch.from_numpy(images.copy()).float()
    scale, shift = normalization(recipe, inputs)
    inputs.mul_(scale).add_(shift)
    targets = torch.from_numpy(labels.astype("int64"))
    model = make_model(recipe, recipes.first_layers(recipe, seed))
    optimizer = make_optimizer(recipe, model)
    steps = -(-len(inputs) // recipe.batch_size)
    rates = iter(recipes.rates(recipe, recipe.epochs * steps).tolist())
    for _ in range(recipe.epochs):
        order = torch.randperm(len(inputs))
        for x, y in zip(inputs[order].split(recipe.batch_size), targets[order].split(recipe.batch_size)):
            rate = next(rates)
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad(set_to_none=True)
            functional.cross_entropy(model(x), y, label_smoothing=recipe.label_smoothing).backward()
            optimizer.step()
    linears = [module for module in model if isinstance(module, torch.nn.Linear)]
    layers = [(linear.weight.detach().numpy(), linear.bias.detach().numpy()) for linear in linears]
    return recipes.Model(scale.numpy(), shift.numpy(), layers)


if __name__ == "__main__":
    recipes.main(train)
