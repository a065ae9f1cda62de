using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Logging;

namespace XenBalloon.Daemon.Loop;

/// <summary>Carries out the commands of a plan, and logs what changed and why.</summary>
internal sealed class PlanApplier(IXenHost host, ILogger<PlanApplier> logger)
{
    // Refusals that are logged already, by kind: a refused report request must not hide that a target is refused too.
    private readonly HashSet<(DomainIdentity Domain, HostCommandKind Kind)> refused = [];

    /// <summary>Carries the plan out.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="settings">The settings that it was made with.</param>
    /// <exception cref="HostLostException">xenstored died.</exception>
    internal void Apply(Plan plan, BalancerSettings settings)
    {
        var failed = new HashSet<DomainIdentity>();
        refused.RemoveWhere(known => !plan.Domains.Any(decision => decision.Domain.Identity == known.Domain));
        foreach (HostCommand command in plan.Commands)
        {
            if (failed.Contains(command.Domain)) continue;
            DomainDecision decision = Find(plan, command.Domain);
            CommandOutcome outcome = host.Execute(command);
            bool isRefused = outcome.Status == CommandStatus.Refused;
            if (outcome.Status == CommandStatus.DomainGone || (isRefused && MovesMemory(command.Kind)))
            {
                failed.Add(command.Domain);
            }

            LogOutcome(decision, command, outcome, plan.Host, settings);
        }
    }

    /// <summary>Logs the outcome of a restoration.</summary>
    /// <param name="missing">The domains that have less than they booted with, each with its reason.</param>
    internal void LogRestored(ImmutableArray<string> missing)
    {
        if (missing.IsEmpty) logger.Restored();
        foreach (string line in missing) logger.NotRestored(line);
    }

    private void LogOutcome(
        DomainDecision decision,
        HostCommand command,
        CommandOutcome outcome,
        HostDecision hostDecision,
        BalancerSettings settings)
    {
        (string name, int domid) = (decision.Domain.Name, decision.Domain.Identity.Domid);
        if (outcome.Status == CommandStatus.Done) refused.Remove((command.Domain, command.Kind));
        switch (outcome.Status)
        {
            case CommandStatus.Done when command.Kind == HostCommandKind.SetTarget:
                if (!logger.IsEnabled(LogLevel.Information)) break;
                logger.TargetChanged(name, domid, decision.Reason.Explain(hostDecision, settings));
                break;
            case CommandStatus.DomainGone:
                logger.DomainGone(name, domid);
                break;
            case CommandStatus.Refused when refused.Add((command.Domain, command.Kind)):
                string kind = EnumText.Of(command.Kind);
                logger.CommandRefused(name, domid, kind, outcome.Detail ?? "no reason given");
                break;
        }
    }

    /// <summary>
    /// Whether a refused command stops the domain's other commands: cap and target depend on each other, in order.
    /// </summary>
    private static bool MovesMemory(HostCommandKind kind) =>
        kind is not (HostCommandKind.RequestReport or HostCommandKind.AdmitQubesReports);

    private static DomainDecision Find(Plan plan, DomainIdentity identity)
    {
        foreach (DomainDecision decision in ImmutableCollectionsMarshal.AsArray(plan.Domains)!)
        {
            if (decision.Domain.Identity == identity) return decision;
        }

        throw new InvalidOperationException($"the plan has a command for domain {identity}, but no decision");
    }
}
