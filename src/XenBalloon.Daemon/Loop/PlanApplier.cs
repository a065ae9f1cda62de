using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Logging;

namespace XenBalloon.Daemon.Loop;

/// <summary>Carries a plan out, command by command, and tells the log what changed and why. Decides nothing.</summary>
internal sealed class PlanApplier(IXenHost host, ILogger<PlanApplier> logger)
{
    // What was refused and told of: a question that xenstored refuses must not hide that it refuses a target too.
    private readonly HashSet<(DomainIdentity Domain, HostCommandKind Kind)> refusing = [];

    /// <summary>Carries the plan out.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="settings">The settings that it was made with.</param>
    /// <exception cref="HostLostException">xenstored died.</exception>
    internal void Apply(Plan plan, BalancerSettings settings)
    {
        var failed = new HashSet<DomainIdentity>();
        refusing.RemoveWhere(known => !plan.Domains.Any(one => one.Domain.Identity == known.Domain));
        foreach (HostCommand command in plan.Commands)
        {
            if (failed.Contains(command.Domain)) continue;
            DomainDecision decision = Find(plan, command.Domain);
            CommandOutcome outcome = host.Execute(command);
            if (outcome.Status == CommandStatus.DomainGone || (outcome.Status == CommandStatus.Refused && MovesMemory(command.Kind))) failed.Add(command.Domain);
            Tell(decision, command, outcome, plan.Host, settings);
        }
    }

    private void Tell(
        DomainDecision decision,
        HostCommand command,
        CommandOutcome outcome,
        HostDecision seen,
        BalancerSettings settings)
    {
        (string name, int domid) = (decision.Domain.Name, decision.Domain.Identity.Domid);
        if (outcome.Status == CommandStatus.Done) refusing.Remove((command.Domain, command.Kind));
        switch (outcome.Status)
        {
            case CommandStatus.Done when command.Kind == HostCommandKind.SetTarget:
                if (logger.IsEnabled(LogLevel.Information)) logger.Moved(name, domid, decision.Reason.Explain(seen, settings));
                break;
            case CommandStatus.DomainGone:
                logger.DomainGone(name, domid);
                break;
            case CommandStatus.Refused when refusing.Add((command.Domain, command.Kind)):
                logger.Refused(name, domid, command.Kind, outcome.Detail ?? "no reason given");
                break;
        }
    }

    /// <summary>Cap and target go together, in order. What is only asked of a guest, or made for it, holds up neither.</summary>
    private static bool MovesMemory(HostCommandKind kind) => kind is not (HostCommandKind.RequestReport or HostCommandKind.AdmitQubesReports);

    private static DomainDecision Find(Plan plan, DomainIdentity identity)
    {
        foreach (DomainDecision decision in ImmutableCollectionsMarshal.AsArray(plan.Domains)!)
        {
            if (decision.Domain.Identity == identity) return decision;
        }

        throw new InvalidOperationException($"the plan commands domain {identity}, which it does not decide on");
    }
}
