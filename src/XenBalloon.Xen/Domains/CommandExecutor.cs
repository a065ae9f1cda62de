using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Posix;
using XenBalloon.Xen.Native;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// Executes commands, if the domain is still the one that the command names. Writes to xenstore check this in the same
/// transaction. Calls to the hypervisor check it immediately before: Xen reuses a domid after about 60 s at the
/// earliest.
/// </summary>
internal sealed class CommandExecutor(XenStore store, IHypervisor hypervisor, DomainTracker tracker)
{
    /// <summary>Executes one command.</summary>
    public CommandOutcome Execute(HostCommand command)
    {
        bool hasValue = command.Kind is not (HostCommandKind.RequestReport or HostCommandKind.AdmitQubesReports);
        if (hasValue && command.Value <= KiB.Zero)
            return Refused($"invalid size {command.Value}: expected more than 0");
        DomainIdentity domain = command.Domain;
        if (hypervisor.Domain(domain.Domid) is not { Dying: false } current || current.Identity != domain)
            return Gone($"domain {domain} no longer exists");
        try
        {
            return command.Kind switch
            {
                HostCommandKind.SetTarget => SetTarget(command),
                HostCommandKind.SetMaxMem =>
                    Outcome(hypervisor.SetMaxMem(domain.Domid, command.Value), "the maximum memory"),
                HostCommandKind.SetPodTarget =>
                    Outcome(hypervisor.SetPodTarget(domain.Domid, command.Value), "the populate-on-demand target"),
                HostCommandKind.RequestReport => RequestReport(domain),
                HostCommandKind.AdmitQubesReports => AdmitQubesReports(domain),
                _ => Refused($"unknown command {command.Kind}"),
            };
        }
        catch (XenStoreException error)
        {
            return Refused(error.Message);
        }
    }

    /// <summary>
    /// Writes only what exists: libxl removes the nodes of a domain that died at a time of its own, and a target
    /// written after that would leave nodes behind for good.
    /// </summary>
    private CommandOutcome SetTarget(HostCommand command)
    {
        (DomainIdentity domain, KiB target, KiB? expected) = (command.Domain, command.Value, command.ExpectedTarget);
        bool wroteBootMemory = false;
        CommandOutcome outcome = Write(domain, (transaction, paths, current) =>
        {
            wroteBootMemory = false;
            KiB? found = DecimalText.ToSize(current);
            if (expected is not null && found is not null && found != expected)
                return Refused($"another tool has set {paths.Target} to {found} instead of {expected}");
            if (found is not null && transaction.Read(paths.BootMemory) is null)
            {
                transaction.Write(paths.BootMemory, DecimalText.FromSize(command.BootMemory ?? found.Value));
                wroteBootMemory = true;
            }

            transaction.Write(paths.Target, DecimalText.FromSize(target));
            return CommandOutcome.Done;
        });
        if (tracker.Find(domain.Domid) is { } tracked)
        {
            // The event of this write, or of the one that conflicted with it, may arrive after the next snapshot.
            bool isKnown = outcome.Status == CommandStatus.Done && tracked.Watched is not null;
            tracked.Watched = isKnown ? tracked.Watched!.Value with { Target = target } : null;
        }

        if (outcome.Status == CommandStatus.Done && wroteBootMemory) ForgetUnwatched(domain);
        return outcome;
    }

    /// <summary>xenballoon-agent ignores the value: the event of its watch is the request.</summary>
    private CommandOutcome RequestReport(DomainIdentity domain) => Write(domain, (transaction, paths, _) =>
    {
        transaction.Write(paths.ReportRequest, "1");
        return CommandOutcome.Done;
    });

    /// <summary>A node that exists keeps its permissions: another program has chosen them.</summary>
    private CommandOutcome AdmitQubesReports(DomainIdentity domain)
    {
        CommandOutcome outcome = Write(domain, (transaction, paths, _) =>
        {
            if (transaction.Read(paths.QubesMeminfo) is not null) return CommandOutcome.Done;
            transaction.Write(paths.QubesMeminfo, "");
            transaction.GrantAccess(paths.QubesMeminfo, domain.Domid);
            return CommandOutcome.Done;
        });
        if (outcome.Status == CommandStatus.Done) ForgetUnwatched(domain);
        return outcome;
    }

    private void ForgetUnwatched(DomainIdentity domain)
    {
        if (tracker.Find(domain.Domid) is { } tracked) tracked.Unwatched = null;
    }

    /// <summary>
    /// Runs a body in a transaction, if the nodes still belong to the domain and it has a target.
    /// </summary>
    /// <param name="domain">The domain.</param>
    /// <param name="body">
    /// Gets the domain's nodes and the value of its target; its writes take effect only if it returns
    /// <see cref="CommandOutcome.Done"/>.
    /// </param>
    private CommandOutcome Write(
        DomainIdentity domain, Func<StoreTransaction, DomainPaths, string, CommandOutcome> body)
    {
        DomainPaths paths = tracker.Find(domain.Domid)?.Paths ?? new DomainPaths(domain.Domid);
        CommandOutcome outcome = default;
        TransactionResult result = store.Transact(transaction =>
        {
            outcome = !BelongTo(transaction, paths, domain) ? Gone($"{paths.Vm} does not name domain {domain}")
                : transaction.Read(paths.Target) is not { } target
                    ? Refused($"domain {domain} has no {paths.Target}: it is being built or destroyed")
                : body(transaction, paths, target);
            return outcome.Status == CommandStatus.Done;
        });
        return result == TransactionResult.Busy
            ? Refused($"other tools keep changing the nodes of domain {domain}")
            : outcome;
    }

    /// <summary>dom0 has no <c>vm</c> node under xl and needs none: it cannot be replaced while this runs.</summary>
    private static bool BelongTo(StoreTransaction transaction, DomainPaths paths, DomainIdentity domain) =>
        domain.IsDom0 || (transaction.Read(paths.Vm) is { } vm && VmPath.Matches(vm, domain.Uuid));

    private static CommandOutcome Outcome(int errno, string what) => errno switch
    {
        0 => CommandOutcome.Done,
        Errno.NoSuchProcess => Gone("the hypervisor has no such domain"),
        _ => Refused($"the hypervisor refused to set {what}: {Errno.Describe(errno)}"),
    };

    private static CommandOutcome Gone(string detail) => new(CommandStatus.DomainGone, detail);

    private static CommandOutcome Refused(string detail) => new(CommandStatus.Refused, detail);
}
