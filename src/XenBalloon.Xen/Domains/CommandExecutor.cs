using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Posix;
using XenBalloon.Xen.Checked;
using XenBalloon.Xen.Store;

namespace XenBalloon.Xen.Domains;

/// <summary>
/// Carries commands out, if the domain is still the one that was meant. For a target this holds until xenstore has taken it; for the hypervisor's
/// caps it is checked immediately before, and a domid does not come back for about 60 s.
/// </summary>
internal sealed class CommandExecutor(XenStore store, IHypervisor hypervisor, DomainTracker tracker)
{
    /// <summary>Carries one command out.</summary>
    public CommandOutcome Execute(HostCommand command)
    {
        bool hasValue = command.Kind is not (HostCommandKind.RequestReport or HostCommandKind.AdmitQubesReports);
        if (hasValue && command.Value <= KiB.Zero) return Refused($"{command.Value} is no size for a domain");
        DomainIdentity domain = command.Domain;
        if (hypervisor.Domain(domain.Domid) is not { Dying: false } living || living.Identity != domain) return Gone($"domain {domain} is gone");
        try
        {
            return command.Kind switch
            {
                HostCommandKind.SetTarget => SetTarget(domain, command.Value, command.ExpectedTarget),
                HostCommandKind.SetMaxMem => Outcome(hypervisor.SetMaxMem(domain.Domid, command.Value), "maxmem"),
                HostCommandKind.SetPodTarget => Outcome(hypervisor.SetPodTarget(domain.Domid, command.Value), "the populate-on-demand target"),
                HostCommandKind.RequestReport => Ask(domain),
                HostCommandKind.AdmitQubesReports => AdmitQubesReports(domain),
                _ => Refused($"{command.Kind} is unknown"),
            };
        }
        catch (XenStoreException no)
        {
            return Refused(no.Message);
        }
    }

    /// <summary>
    /// A write to a path that is gone would bring it back to life: libxl removes a dead domain's nodes at some moment of its own, and a target written
    /// after that would leave a ghost in xenstore. So the transaction writes only what it has read.
    /// </summary>
    private CommandOutcome SetTarget(DomainIdentity domain, KiB target, KiB? instead)
    {
        bool noted = false;
        CommandOutcome outcome = AtHome(domain, (transaction, paths, before) =>
        {
            noted = false;
            if (instead is not null && DecimalText.ToSize(before) is { } found && found != instead)
            {
                return Refused($"{paths.Target} was set to {found} by someone else meanwhile");
            }

            if (DecimalText.ToSize(before) is not null && transaction.Read(paths.BootMemory) is null)
            {
                transaction.Write(paths.BootMemory, before);
                noted = true;
            }

            transaction.Write(paths.Target, DecimalText.FromSize(target));
            return CommandOutcome.Done;
        });
        if (tracker.Find(domain.Domid) is { } tracked)
        {
            // The event of this write, or of another's that was in its way, may come after the next look.
            bool known = outcome.Status == CommandStatus.Done && tracked.Leaves is not null;
            tracked.Leaves = known ? tracked.Leaves!.Value with { Target = target } : null;
        }

        if (outcome.Status == CommandStatus.Done && noted) ForgetNotes(domain);
        return outcome;
    }

    /// <summary>What is written is of no account: the watch that it fires is the question.</summary>
    private CommandOutcome Ask(DomainIdentity domain) => AtHome(domain, (transaction, paths, _) =>
    {
        transaction.Write(paths.Ask, "1");
        return CommandOutcome.Done;
    });

    /// <summary>Whoever made the leaf before us has his reasons for its permissions.</summary>
    private CommandOutcome AdmitQubesReports(DomainIdentity domain)
    {
        CommandOutcome outcome = AtHome(domain, (transaction, paths, _) =>
        {
            if (transaction.Read(paths.QubesMeminfo) is not null) return CommandOutcome.Done;
            transaction.Write(paths.QubesMeminfo, "");
            transaction.LetWrite(paths.QubesMeminfo, domain.Domid);
            return CommandOutcome.Done;
        });
        if (outcome.Status == CommandStatus.Done) ForgetNotes(domain);
        return outcome;
    }

    private void ForgetNotes(DomainIdentity domain)
    {
        if (tracker.Find(domain.Domid) is { } tracked) tracked.Notes = null;
    }

    /// <summary>Writes in one transaction what a body writes that is told of the domain's leaves and of the value of its target; nothing unless the body says that it is done.</summary>
    private CommandOutcome AtHome(DomainIdentity domain, Func<StoreTransaction, DomainPaths, string, CommandOutcome> body)
    {
        DomainPaths paths = tracker.Find(domain.Domid)?.Paths ?? new DomainPaths(domain.Domid);
        CommandOutcome outcome = default;
        TransactionEnd end = store.Transact(transaction =>
        {
            outcome = !IsHome(transaction, paths, domain) ? Gone($"{paths.Vm} is not that of domain {domain}")
                : transaction.Read(paths.Target) is not { } target ? Refused($"domain {domain} has no {paths.Target}: it is being built or taken apart")
                : body(transaction, paths, target);
            return outcome.Status == CommandStatus.Done;
        });
        return end == TransactionEnd.Busy ? Refused($"{paths.Target} is being changed by others") : outcome;
    }

    /// <summary>dom0 has no <c>vm</c> leaf under xl, and needs none: while we run, dom0 is the same.</summary>
    private static bool IsHome(StoreTransaction transaction, DomainPaths paths, DomainIdentity domain) =>
        domain.IsDom0 || (transaction.Read(paths.Vm) is { } vm && VmPath.Names(vm, domain.Uuid));

    private static CommandOutcome Outcome(int errno, string what) => errno switch
    {
        0 => CommandOutcome.Done,
        Errno.NoSuchProcess => Gone("the hypervisor has no such domain"),
        _ => Refused($"the hypervisor would not set {what}: {Errno.Describe(errno)}"),
    };

    private static CommandOutcome Gone(string detail) => new(CommandStatus.DomainGone, detail);

    private static CommandOutcome Refused(string detail) => new(CommandStatus.Refused, detail);
}
