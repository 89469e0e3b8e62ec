# What the examples' Makefiles share: a strict shell, targets that appear whole or not at all, and the tools.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

BIN ?= ../../.build/release
SEED ?= 1

export PATH := $(if $(BIN),$(abspath $(BIN)):)$(PATH)
out := out
