# XenBalloon. 'make help' lists the targets.

CONFIGURATION ?= Release
PREFIX ?= /usr
SYSCONFDIR ?= /etc
DESTDIR ?=
# The unpacked C library of a Debian release, with which programs are linked. They run with it and with later ones.
# Empty: the machine's.
SYSROOT ?=
# How long the demo runs, in seconds. Empty: until q or Ctrl-C.
SECONDS ?=
# The package sets that 'make deps' installs.
SETS ?= build demo test
# What starts the guest agent: systemd, sysv or openrc.
INIT ?= systemd

RID := linux-$(if $(filter aarch64,$(shell uname -m)),arm64,x64)
DOTNET := dotnet
QUIET := --nologo --verbosity quiet -clp:NoSummary
export DOTNET_CLI_TELEMETRY_OPTOUT = 1
export DOTNET_NOLOGO = 1

# Where 'make install' puts files.
SBIN := $(DESTDIR)$(PREFIX)/sbin
BIN := $(DESTDIR)$(PREFIX)/bin
LIB := $(DESTDIR)$(PREFIX)/lib
SHARE := $(DESTDIR)$(PREFIX)/share
ETC := $(DESTDIR)$(SYSCONFDIR)
UNITS := $(LIB)/systemd/system
# D-Bus and polkit read these directories whatever PREFIX is.
BUS_POLICIES := $(DESTDIR)/usr/share/dbus-1/system.d
POLKIT_ACTIONS := $(DESTDIR)/usr/share/polkit-1/actions

.PHONY: all help deps deps-demo build publish shim agent demo test judge bench bench-bus bench-scale bench-rig fuzz
.PHONY: soak soak-faults soak-churn mutate
.PHONY: install uninstall install-simulator uninstall-simulator install-xl uninstall-xl install-agent uninstall-agent
.PHONY: clean

all: publish ## the same as publish (default)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' Makefile

deps: ## install Debian packages, as root or with sudo; SETS= selects package sets: build, agent, demo, test
	@.ci/packages install $(SETS)

deps-demo:
	@.ci/packages install demo

build: ## build the solution, tests included
	@.ci/packages check build
	$(DOTNET) build XenBalloon.sln -c $(CONFIGURATION) $(QUIET)

shim: ## build out/lib/libxenballoon-hv.so, for every Xen
	@.ci/packages check build
	$(MAKE) -C native/hypervisor OUT=$(CURDIR)/out/lib

agent: ## build the guest agent; needs a C compiler, but no .NET
	@.ci/packages check agent
	$(MAKE) -C native/guest-agent OUT=$(CURDIR)/out/bin

publish: shim agent ## build the programs that 'make install' installs, in out
	@mkdir -p out/bin
	@# Otherwise a program whose code has not changed is not linked with another SYSROOT.
	rm -rf artifacts/bin/XenBalloon.*/release_$(RID)/native
	for project in Daemon Cli Simulation; do \
	  $(DOTNET) publish src/XenBalloon.$$project -c Release -r $(RID) $(QUIET) \
	    -o artifacts/published/$$project $(if $(SYSROOT),-p:SysRoot=$(abspath $(SYSROOT))) || exit 1; \
	done
	install -m 755 -t out/bin artifacts/published/Daemon/xenballoond artifacts/published/Cli/xenballoon \
	  artifacts/published/Simulation/xenballoon-simulate
	@ls -l out/bin out/lib

demo: deps-demo ## show the daemon at work on a simulated host; SECONDS=20 ends the demo by itself
	@echo "Building the demo. The first build downloads packages and takes a minute or two."
	@echo "  1 of 2: the daemon on a simulated host ..."
	@output=$$($(DOTNET) build src/XenBalloon.Demo -c Release $(QUIET) -o artifacts/demo) || \
	  { echo "$$output"; exit 1; }
	@echo "  2 of 2: the command xenballoon ..."
	@output=$$($(DOTNET) build src/XenBalloon.Cli -c Release $(QUIET) -o artifacts/demo) || \
	  { echo "$$output"; exit 1; }
	@src/XenBalloon.Demo/demo artifacts/demo $(SECONDS)

# The tests run the same programs on Debian 11 to 13, so these are linked with the C library of Debian 11.
test: deps ## build everything and run all tests (about an hour on two cores)
	@tests/fetch
	$(MAKE) publish SYSROOT=.cache/rig/bullseye/root
	$(DOTNET) build XenBalloon.sln -c Debug $(QUIET)
	tests/run

# 30 seeds take about 45 minutes on one core. POLICIES=all runs every policy but proportional and shares.
judge: ## check the policy against the requirements of each scenario; SEEDS=5 is quick
	@.ci/packages check build
	$(DOTNET) run -c Release --project src/XenBalloon.Simulation -- \
	  --all --seeds $(or $(SEEDS),30) $(if $(POLICIES),--policy $(POLICIES))

bench: ## measure a balancing pass; BENCH=FILTER selects benchmarks
	@.ci/packages check build
	$(DOTNET) run -c Release --project tests/XenBalloon.Benchmarks -- \
	  --artifacts artifacts/benchmarks --filter "$(or $(BENCH),*)"

bench-bus: ## measure what D-Bus costs the daemon with a thousand domains
	@.ci/packages check build test
	$(DOTNET) run -c Release --project tests/XenBalloon.Benchmarks -- bus

bench-scale: ## measure the daemon and xenstored with up to 1,000 domains; SCALE='100 minute' selects a part
	@.ci/packages check build test
	@tests/xenstored/fetch > /dev/null
	$(DOTNET) publish tests/XenBalloon.ScaleDaemon -c Release -r $(RID) $(QUIET) -o artifacts/published/Scale
	@$(DOTNET) run -c Release --project tests/XenBalloon.Benchmarks -- scale $(SCALE)

# The emulator's clock counts instructions, so the speed of the machine does not matter.
# RIG_BENCH='rotating pv' runs a part; BASELINE=results.json compares with earlier results.
bench-rig: ## measure the work of guests on real Xen in QEMU
	@.ci/packages check build test
	@$(DOTNET) run -c Release --project tests/XenBalloon.RigBenchmarks -- $(RIG_BENCH)

fuzz: ## test each parser of guest data with 10 million mutated inputs; FUZZ=N changes that
	@.ci/packages check build
	FUZZ_INPUTS=$(or $(FUZZ),10000000) $(DOTNET) test tests/XenBalloon.Xen.Tests -c Release --nologo \
	  --filter "FullyQualifiedName~FuzzTests" --logger "console;verbosity=normal"

soak: soak-faults soak-churn ## both of the next two, with a million steps and for 30 minutes

# FAULT_SEED=N repeats one schedule.
soak-faults: ## test the daemon with random faults; SOAK_STEPS=N changes the number of steps
	@.ci/packages check build
	FAULT_STEPS=$(or $(SOAK_STEPS),1000000) $(DOTNET) test tests/XenBalloon.Daemon.Tests -c Release --nologo \
	  --filter "FullyQualifiedName~FaultTests" --logger "console;verbosity=detailed"

soak-churn: ## test that the daemon does not grow while all changes; SOAK_MINUTES=N changes the time
	@.ci/packages check build test
	@tests/xenstored/fetch > /dev/null
	$(DOTNET) publish tests/XenBalloon.ScaleDaemon -c Release -r $(RID) $(QUIET) -o artifacts/published/Scale
	@$(DOTNET) run -c Release --project tests/XenBalloon.Benchmarks -- churn $(or $(SOAK_MINUTES),30)

# The property tests run a tenth of their usual cases for each mutation.
mutate: ## mutation testing: check that tests detect changes of the policy; MUTATE='**/Allocation/**' selects files
	$(DOTNET) tool restore
	cd tests/XenBalloon.Core.Tests && CsCheck_Iter=10 CsCheck_Threads=1 \
	  $(DOTNET) stryker --output $(CURDIR)/artifacts/mutation $(if $(MUTATE),--mutate '$(MUTATE)')

# An existing configuration is kept.
install: ## install the daemon and the command, as root; takes DESTDIR= and PREFIX=
	@test -x out/bin/xenballoond || \
	  { echo "make: out/bin/xenballoond is missing; run 'make publish' first" >&2; exit 1; }
	install -D -m 755 -t $(SBIN) out/bin/xenballoond
	install -D -m 755 -t $(BIN) out/bin/xenballoon
	install -D -m 644 -t $(LIB)/xenballoon out/lib/libxenballoon-hv.so
	install -D -m 644 -t $(BUS_POLICIES) init/dbus/org.xenballoon.Balloon1.conf
	install -D -m 644 -t $(POLKIT_ACTIONS) init/polkit/org.xenballoon.Balloon1.policy
	install -D -m 644 -t $(SHARE)/dbus-1/system-services init/dbus/org.xenballoon.Balloon1.service
	install -D -m 644 -t $(SHARE)/dbus-1/interfaces init/dbus/*.xml
	install -d $(UNITS)
	sed 's#/usr/sbin/#$(PREFIX)/sbin/#' init/systemd/xenballoond.service > $(UNITS)/xenballoond.service
	install -D -m 644 -t $(SHARE)/man/man8 docs/man/xenballoond.8 docs/man/xenballoon-agent.8
	install -D -m 644 -t $(SHARE)/man/man1 docs/man/xenballoon.1
	install -D -m 644 -t $(SHARE)/man/man5 docs/man/org.xenballoon.Balloon1.5
	install -D -m 644 init/completion/xenballoon.bash $(SHARE)/bash-completion/completions/xenballoon
	test -e $(ETC)/xenballoon/xenballoon.conf || install -D -m 644 -t $(ETC)/xenballoon init/xenballoon.conf

# The configuration stays.
uninstall: uninstall-xl uninstall-simulator ## remove what install, install-xl and install-simulator installed
	@test -n "$(DESTDIR)" || ! test -e $(SBIN)/xenballoond || echo "Every guest keeps the memory that it has now." \
	  "'xenballoon restore' gives guests back what they booted with; it needs the daemon, so run it before this."
	rm -f $(SBIN)/xenballoond $(BIN)/xenballoon $(UNITS)/xenballoond.service
	rm -rf $(LIB)/xenballoon
	rm -f $(BUS_POLICIES)/org.xenballoon.Balloon1.conf $(POLKIT_ACTIONS)/org.xenballoon.Balloon1.policy
	rm -f $(SHARE)/dbus-1/system-services/org.xenballoon.Balloon1.service
	rm -f $(SHARE)/dbus-1/interfaces/org.xenballoon.Balloon1.*.xml
	rm -f $(SHARE)/man/man8/xenballoond.8 $(SHARE)/man/man8/xenballoon-agent.8
	rm -f $(SHARE)/man/man1/xenballoon.1 $(SHARE)/man/man5/org.xenballoon.Balloon1.5
	rm -f $(SHARE)/bash-completion/completions/xenballoon

install-simulator: ## install xenballoon-simulate and its man pages; needs neither Xen nor the daemon
	@test -x out/bin/xenballoon-simulate || \
	  { echo "make: out/bin/xenballoon-simulate is missing; run 'make publish' first" >&2; exit 1; }
	install -D -m 755 -t $(BIN) out/bin/xenballoon-simulate
	install -D -m 644 -t $(SHARE)/man/man1 docs/man/xenballoon-simulate.1
	install -D -m 644 -t $(SHARE)/man/man5 docs/man/xenballoon-scenario.5

uninstall-simulator: ## remove what install-simulator installed
	rm -f $(BIN)/xenballoon-simulate $(SHARE)/man/man1/xenballoon-simulate.1 $(SHARE)/man/man5/xenballoon-scenario.5

# Changes no files of xl, xendomains or libvirt.
install-xl: ## have xendomains and libvirt start guests through 'xenballoon run'
	install -D -m 755 -t $(LIB)/xenballoon/xl init/xl/xl
	install -D -m 755 init/xl/libvirt-hook $(ETC)/libvirt/hooks/libxl.d/xenballoon
	install -d $(UNITS)/xendomains.service.d
	sed 's#/usr/lib/xenballoon/xl:#$(PREFIX)/lib/xenballoon/xl:$(PREFIX)/bin:#' init/xl/xendomains.conf \
	  > $(UNITS)/xendomains.service.d/xenballoon.conf

uninstall-xl: ## remove what install-xl installed
	rm -rf $(LIB)/xenballoon/xl
	rm -f $(ETC)/libvirt/hooks/libxl.d/xenballoon $(UNITS)/xendomains.service.d/xenballoon.conf
	-@rmdir --ignore-fail-on-non-empty $(UNITS)/xendomains.service.d $(ETC)/libvirt/hooks/libxl.d 2> /dev/null

AGENT_UNIT := $(UNITS)/xenballoon-agent.service
AGENT_SCRIPT := $(ETC)/init.d/xenballoon-agent
AGENT_START := $(if $(filter systemd,$(INIT)),$(AGENT_UNIT),$(AGENT_SCRIPT))

# The agent is one static file: out/bin/xenballoon-agent of another machine works too.
install-agent: ## install the agent in a guest, or in its image with DESTDIR=; takes INIT=
	@test -x out/bin/xenballoon-agent || \
	  { echo "make: out/bin/xenballoon-agent is missing; run 'make agent' first" >&2; exit 1; }
	@test -e init/guest/xenballoon-agent.$(INIT) || \
	  { echo "make: invalid INIT '$(INIT)': expected systemd, sysv or openrc" >&2; exit 1; }
	install -D -m 755 -t $(SBIN) out/bin/xenballoon-agent
	install -D -m 644 -t $(SHARE)/man/man8 docs/man/xenballoon-agent.8
	install -D -m $(if $(filter systemd,$(INIT)),644,755) init/guest/xenballoon-agent.$(INIT) $(AGENT_START)
	sed -i 's#/usr/sbin/xenballoon-agent#$(PREFIX)/sbin/xenballoon-agent#' $(AGENT_START)

uninstall-agent: ## remove what install-agent installed
	rm -f $(SBIN)/xenballoon-agent $(SHARE)/man/man8/xenballoon-agent.8 $(AGENT_UNIT) $(AGENT_SCRIPT)

clean: ## remove all build results
	rm -rf artifacts out
