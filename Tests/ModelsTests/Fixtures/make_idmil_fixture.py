#!/usr/bin/env python3
"""Makes idmil.fixture.safetensors: weights, ragged bags, and what PyTorch says about them.

usage: make_idmil_fixture.py REFERENCE.py OUT.safetensors
REFERENCE.py is a PyTorch module with a class IDMIL(dim, p) and a function cfce(p, y); dropout is 0 here.
Names of tensors: weight.*, gradient.* (of the loss, training mode), after.* (running statistics after that batch),
x, offsets, label, loss, train.bag, inference.bag, inference.instance (probabilities),
saliency (gradient of the instances' logits in x, inference mode, with the statistics of after.*), guided (the same
with every ReLU passing g * [x > 0] * [g > 0])."""
import importlib.util, sys
import numpy as np, torch
from safetensors.numpy import save_file

class GuidedReLU(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x.clamp(min=0)
    @staticmethod
    def backward(context, g):
        x, = context.saved_tensors
        return g * (x > 0) * (g > 0)

OURS = {"a1": "attention1", "a2": "attention2", "out": "output"}

def name(theirs):
    part = theirs.split(".")
    if part[0] == "f":
        return f"{'conv' if part[2] == 'c' else 'norm'}{int(part[1]) + 1}.{part[3]}"
    return f"{OURS[part[0]]}.{part[1]}"

def main():
    spec = importlib.util.spec_from_file_location("reference", sys.argv[1])
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    torch.manual_seed(20)
    sizes = [1, 2, 5, 40, 3, 1]
    label = torch.tensor([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
    net = reference.IDMIL(233, 0.0)
    with torch.no_grad():
        for key, value in net.named_parameters():
            if ".b." in key:
                value.add_(0.3 * torch.randn_like(value))
        net.f[2].b.bias.fill_(0.7)                         # keeps h alive, so that scores differ
        net.out.weight.mul_(4)
        net.a1.weight.mul_(3)
    x = torch.randn(sum(sizes), 233)
    bag = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    out = {}
    for key, value in net.state_dict().items():
        if not key.endswith("num_batches_tracked"):
            out["weight." + name(key)] = value.numpy().copy()
    net.train()
    score = net.packed(x, bag, len(sizes))
    loss = reference.cfce(score, label)
    loss.backward()
    for key, value in net.named_parameters():
        out["gradient." + name(key)] = value.grad.numpy().copy()
    for key, value in net.named_buffers():
        if not key.endswith("num_batches_tracked"):
            out["after." + name(key)] = value.numpy().copy()
    net.eval()
    x.requires_grad_(True)
    instance = net.instances(x)
    torch.logit(instance.double()).sum().backward()
    out["saliency"] = x.grad.numpy().copy()
    plain, x.grad = torch.nn.functional.relu, None
    torch.nn.functional.relu = GuidedReLU.apply
    torch.logit(net.instances(x).double()).sum().backward()
    torch.nn.functional.relu = plain
    out["guided"] = x.grad.numpy().copy()
    out["inference.instance"] = instance.detach().numpy()
    out["inference.bag"] = net.packed(x, bag, len(sizes)).detach().numpy()
    out["train.bag"] = score.detach().numpy()
    out["loss"] = loss.detach().reshape(1).numpy()
    out["x"], out["label"] = x.detach().numpy(), label.numpy()
    out["offsets"] = np.concatenate([[0], np.cumsum(sizes)]).astype(np.float32)
    save_file({key: np.ascontiguousarray(value) for key, value in out.items()}, sys.argv[2])

main()
