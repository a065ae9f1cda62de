using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
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
        if (command.Value <= KiB.Zero) return Refused($"{command.Value} is no size for a domain");
        DomainIdentity domain = command.Domain;
        if (hypervisor.Domain(domain.Domid) is not { Dying: false } living || living.Identity != domain) return Gone($"domain {domain} is gone");
        try
        {
            return command.Kind switch
            {
                HostCommandKind.SetTarget => SetTarget(domain, command.Value, command.Instead),
                HostCommandKind.SetMaxMem => Outcome(hypervisor.SetMaxMem(domain.Domid, command.Value), "maxmem"),
                HostCommandKind.SetPodTarget => Outcome(hypervisor.SetPodTarget(domain.Domid, command.Value), "the populate-on-demand target"),
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
        DomainPaths paths = tracker.Find(domain.Domid)?.Paths ?? new DomainPaths(domain.Domid);
        CommandOutcome refusal = default;
        bool noted = false;
        TransactionEnd end = store.Transact(transaction =>
        {
            noted = false;
            if (!IsHome(transaction, paths, domain))
            {
                refusal = Gone($"{paths.Vm} is not that of domain {domain}");
                return false;
            }

            if (transaction.Read(paths.Target) is not { } before)
            {
                refusal = Refused($"domain {domain} has no {paths.Target}: it is being built or taken apart");
                return false;
            }

            if (instead is not null && DecimalText.ToSize(before) is { } found && found != instead)
            {
                refusal = Refused($"{paths.Target} was set to {found} by someone else meanwhile");
                return false;
            }

            if (DecimalText.ToSize(before) is not null && transaction.Read(paths.BootMemory) is null)
            {
                transaction.Write(paths.BootMemory, before);
                noted = true;
            }

            transaction.Write(paths.Target, DecimalText.FromSize(target));
            return true;
        });
        if (end == TransactionEnd.Abandoned) return refusal;
        if (end == TransactionEnd.Busy) return Refused($"{paths.Target} is being changed by others");
        if (noted && tracker.Find(domain.Domid) is { } tracked) tracked.Notes = null;
        return CommandOutcome.Done;
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
