# XenBalloon. `make demo` shows it at work on a simulated host, `make test` runs every test, `make publish` makes what is installed.

CONFIGURATION ?= Release
PREFIX ?= /usr
SYSCONFDIR ?= /etc
DESTDIR ?=
# How long the demo runs; empty: until q or Ctrl-C.
SECONDS ?=
# What starts a guest's agent: systemd, sysv or openrc.
INIT ?= systemd

RID := linux-$(if $(filter aarch64,$(shell uname -m)),arm64,x64)
DOTNET := dotnet
export DOTNET_CLI_TELEMETRY_OPTOUT = 1
export DOTNET_NOLOGO = 1

.PHONY: all build publish shim agent demo test judge bench bench-bus bench-rig fuzz mutate
.PHONY: install uninstall install-xl uninstall-xl install-agent uninstall-agent clean

all: publish

build:
	@.ci/packages build
	$(DOTNET) build XenBalloon.sln -c $(CONFIGURATION) --nologo -v quiet -clp:NoSummary

shim:
	@.ci/packages build
	$(MAKE) -C native/hypervisor OUT=$(CURDIR)/out/lib

# In a guest: needs no .NET, and no Debian where a compiler is there.
agent:
	@! command -v dpkg-query >/dev/null || .ci/packages agent
	$(MAKE) -C native/guest-agent OUT=$(CURDIR)/out/bin

publish: shim agent
	@mkdir -p out/bin
	for project in Daemon Cli Simulation; do \
	  $(DOTNET) publish src/XenBalloon.$$project -c Release -r $(RID) --nologo -v quiet -clp:NoSummary -o artifacts/published/$$project || exit 1; \
	done
	install -m 755 artifacts/published/Daemon/xenballoond artifacts/published/Cli/xenballoon artifacts/published/Simulation/xenballoon-simulate out/bin/
	@ls -l out/bin out/lib

demo:
	@.ci/packages demo
	@echo "building ..."
	@for project in Demo Cli; do $(DOTNET) build src/XenBalloon.$$project -c Release --nologo -v quiet -clp:NoSummary -o artifacts/demo || exit 1; done
	@src/XenBalloon.Demo/demo artifacts/demo $(SECONDS)

test:
	@.ci/packages build demo test
	@tests/fetch
	$(MAKE) publish
	$(DOTNET) build XenBalloon.sln -c Debug --nologo -v quiet -clp:NoSummary
	tests/run

# Does the policy do what every built-in scenario asks of it? SEEDS=5 for a first look; POLICIES=all for all peers. 30 seeds take about 45 minutes on a core.
judge:
	@.ci/packages build
	$(DOTNET) run -c Release --project src/XenBalloon.Simulation -- --all --seeds $(or $(SEEDS),30) $(if $(POLICIES),--policy $(POLICIES))

bench:
	@.ci/packages build
	$(DOTNET) run -c Release --project tests/XenBalloon.Benchmarks -- --artifacts artifacts/benchmarks --filter "$(or $(BENCH),*)"

# What the control bus costs the daemon with a thousand domains.
bench-bus:
	@.ci/packages build test
	$(DOTNET) run -c Release --project tests/XenBalloon.Benchmarks -- bus

# What guests get done on real Xen, whose emulator's clock counts instructions: RIG_BENCH='rotating pv' takes a part of it, BASELINE=results.json compares.
bench-rig:
	@.ci/packages build test
	@$(DOTNET) run -c Release --project tests/XenBalloon.RigBenchmarks -- $(RIG_BENCH)

# Every parser of what guests write, with 10 million changed inputs each.
fuzz:
	@.ci/packages build
	FUZZ_INPUTS=$(or $(FUZZ),10000000) $(DOTNET) test tests/XenBalloon.Xen.Tests -c Release --nologo --filter "FullyQualifiedName~FuzzTests" --logger "console;verbosity=normal"

# Do the tests notice when the policy is changed? MUTATE='**/Allocation/**' asks of a part of it. Each change has to get through the properties too,
# which are tried on a tenth of the usual cases here.
mutate:
	$(DOTNET) tool restore
	cd tests/XenBalloon.Core.Tests && CsCheck_Iter=10 CsCheck_Threads=1 $(DOTNET) stryker --output $(CURDIR)/artifacts/mutation $(if $(MUTATE),--mutate '$(MUTATE)')

install:
	@test -x out/bin/xenballoond || { echo "make: nothing is built yet: type 'make publish' first" >&2; exit 1; }
	install -D -m 755 out/bin/xenballoond $(DESTDIR)$(PREFIX)/sbin/xenballoond
	install -D -m 755 out/bin/xenballoon $(DESTDIR)$(PREFIX)/bin/xenballoon
	install -d $(DESTDIR)$(PREFIX)/lib/xenballoon
	@# The bus reads policies there and in /etc only, whatever our prefix is.
	install -m 644 out/lib/libxenballoon-hv-*.so $(DESTDIR)$(PREFIX)/lib/xenballoon/
	install -D -m 644 init/dbus/org.xenballoon.Balloon1.conf $(DESTDIR)/usr/share/dbus-1/system.d/org.xenballoon.Balloon1.conf
	@# Likewise polkit its actions.
	install -D -m 644 init/polkit/org.xenballoon.Balloon1.policy $(DESTDIR)/usr/share/polkit-1/actions/org.xenballoon.Balloon1.policy
	install -D -m 644 init/dbus/org.xenballoon.Balloon1.service $(DESTDIR)$(PREFIX)/share/dbus-1/system-services/org.xenballoon.Balloon1.service
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's#/usr/sbin/#$(PREFIX)/sbin/#' init/systemd/xenballoond.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/xenballoond.service
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/dbus-1/interfaces init/dbus/*.xml
	install -D -m 644 docs/man/xenballoond.8 $(DESTDIR)$(PREFIX)/share/man/man8/xenballoond.8
	install -D -m 644 docs/man/xenballoon.1 $(DESTDIR)$(PREFIX)/share/man/man1/xenballoon.1
	install -D -m 644 docs/man/xenballoon-agent.8 $(DESTDIR)$(PREFIX)/share/man/man8/xenballoon-agent.8
	install -D -m 644 docs/man/org.xenballoon.Balloon1.5 $(DESTDIR)$(PREFIX)/share/man/man5/org.xenballoon.Balloon1.5
	install -D -m 644 init/completion/xenballoon.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/xenballoon
	install -D -m 644 docs/man/xenballoon-scenario.5 $(DESTDIR)$(PREFIX)/share/man/man5/xenballoon-scenario.5
	test -e $(DESTDIR)$(SYSCONFDIR)/xenballoon/xenballoon.conf || \
	  install -D -m 644 init/xenballoon.conf $(DESTDIR)$(SYSCONFDIR)/xenballoon/xenballoon.conf

uninstall: uninstall-xl
	rm -rf $(DESTDIR)$(PREFIX)/sbin/xenballoond $(DESTDIR)$(PREFIX)/bin/xenballoon $(DESTDIR)$(PREFIX)/lib/xenballoon \
	  $(DESTDIR)/usr/share/dbus-1/system.d/org.xenballoon.Balloon1.conf $(DESTDIR)/usr/share/polkit-1/actions/org.xenballoon.Balloon1.policy \
	  $(DESTDIR)$(PREFIX)/share/dbus-1/system-services/org.xenballoon.Balloon1.service \
	  $(DESTDIR)$(PREFIX)/lib/systemd/system/xenballoond.service $(DESTDIR)$(PREFIX)/share/man/man8/xenballoond.8 $(DESTDIR)$(PREFIX)/share/man/man8/xenballoon-agent.8 \
	  $(DESTDIR)$(PREFIX)/share/man/man1/xenballoon.1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions/xenballoon \
	  $(DESTDIR)$(PREFIX)/share/man/man5/xenballoon-scenario.5 $(DESTDIR)$(PREFIX)/share/man/man5/org.xenballoon.Balloon1.5 \
	  $(DESTDIR)$(PREFIX)/share/dbus-1/interfaces/org.xenballoon.Balloon1.*.xml

# What has xl, xendomains and libvirt set memory aside for the domains that they start. Nothing of theirs is changed.
install-xl:
	install -D -m 755 init/xl/xl $(DESTDIR)$(PREFIX)/lib/xenballoon/xl/xl
	install -D -m 755 init/xl/libvirt-hook $(DESTDIR)$(SYSCONFDIR)/libvirt/hooks/libxl.d/xenballoon
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system/xendomains.service.d
	sed 's#/usr/lib/xenballoon/xl:#$(PREFIX)/lib/xenballoon/xl:$(PREFIX)/bin:#' init/xl/xendomains.conf > $(DESTDIR)$(PREFIX)/lib/systemd/system/xendomains.service.d/xenballoon.conf

uninstall-xl:
	rm -rf $(DESTDIR)$(PREFIX)/lib/xenballoon/xl $(DESTDIR)$(SYSCONFDIR)/libvirt/hooks/libxl.d/xenballoon \
	  $(DESTDIR)$(PREFIX)/lib/systemd/system/xendomains.service.d/xenballoon.conf
	-@rmdir --ignore-fail-on-non-empty $(DESTDIR)$(PREFIX)/lib/systemd/system/xendomains.service.d $(DESTDIR)$(SYSCONFDIR)/libvirt/hooks/libxl.d 2> /dev/null

# In a guest, or into an image of one with DESTDIR=. The program is one static file: another machine's out/bin/xenballoon-agent will do.
AGENT_UNIT := $(DESTDIR)$(PREFIX)/lib/systemd/system/xenballoon-agent.service
AGENT_SCRIPT := $(DESTDIR)$(SYSCONFDIR)/init.d/xenballoon-agent
AGENT_START := $(if $(filter systemd,$(INIT)),$(AGENT_UNIT),$(AGENT_SCRIPT))

install-agent:
	@test -x out/bin/xenballoon-agent || { echo "make: nothing is built yet: type 'make agent' first" >&2; exit 1; }
	@test -e init/guest/xenballoon-agent.$(INIT) || { echo "make: INIT=$(INIT) is not known: it is systemd, sysv or openrc" >&2; exit 1; }
	install -D -m 755 out/bin/xenballoon-agent $(DESTDIR)$(PREFIX)/sbin/xenballoon-agent
	install -D -m 644 docs/man/xenballoon-agent.8 $(DESTDIR)$(PREFIX)/share/man/man8/xenballoon-agent.8
	install -D -m $(if $(filter systemd,$(INIT)),644,755) init/guest/xenballoon-agent.$(INIT) $(AGENT_START)
	sed -i 's#/usr/sbin/xenballoon-agent#$(PREFIX)/sbin/xenballoon-agent#' $(AGENT_START)

uninstall-agent:
	rm -f $(DESTDIR)$(PREFIX)/sbin/xenballoon-agent $(DESTDIR)$(PREFIX)/share/man/man8/xenballoon-agent.8 $(AGENT_UNIT) $(AGENT_SCRIPT)

clean:
	rm -rf artifacts out
