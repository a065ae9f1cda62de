using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using XenBalloon.Core.Hosts;
using XenBalloon.Core.Settings;

namespace XenBalloon.Daemon.Configuration;

/// <summary>
/// All settings in force, by how long they last. Immutable: a change makes a new value, and the loop reads the newest.
/// </summary>
/// <param name="Configuration">The configuration file, as it was last read.</param>
/// <param name="Kept">Settings of single domains, kept in the state file; they override the file.</param>
/// <param name="Runtime">Changes that are lost when the daemon stops; they override both.</param>
internal sealed record Settings(
    DaemonConfiguration Configuration, ImmutableDictionary<DomainKey, DomainSettings> Kept, RuntimeChanges Runtime)
{
    /// <summary>The mode that was set or configured.</summary>
    internal BalancerMode RequestedMode => Runtime.Mode ?? Configuration.Mode;

    /// <summary>Whether plans are carried out: the requested mode, but observe where active is refused.</summary>
    internal BalancerMode Mode => ModeReason is null ? RequestedMode : BalancerMode.Observe;

    /// <summary>Why the mode is not the requested one, and what to do; null if it is.</summary>
    internal string? ModeReason => RequestedMode == BalancerMode.Active ? Configuration.ActiveRefusal : null;

    /// <summary>How memory is divided.</summary>
    internal PolicyKind Policy => Runtime.Policy ?? Configuration.Balancer.Policy;

    /// <summary>The settings of single domains that administrators made while the daemon ran.</summary>
    internal RuntimeSettings Domains => new() { Kept = Kept, Transient = Runtime.Domains };

    /// <summary>What the balancer decides by.</summary>
    internal BalancerSettings ToBalancerSettings() => Configuration.Balancer with
    {
        Policy = Policy,
        Runtime = Domains,
        Restores = Runtime.Restores,
        Observes = Mode == BalancerMode.Observe,
    };

    /// <summary>
    /// These settings with the file reloaded. A mode or policy that was set at run time stays in force, unless the file
    /// now has another than before.
    /// </summary>
    internal Settings Reload(DaemonConfiguration next) => this with
    {
        Configuration = next,
        Runtime = Runtime with
        {
            Mode = next.Mode == Configuration.Mode ? Runtime.Mode : null,
            Policy = next.Balancer.Policy == Configuration.Balancer.Policy ? Runtime.Policy : null,
        },
    };

    /// <summary>These settings with some of a domain's changed.</summary>
    /// <param name="domain">The domain; the settings hold for its name.</param>
    /// <param name="changes">The new values; null removes a setting from this layer.</param>
    /// <param name="transient">Whether the values are lost when the daemon stops; else they are kept.</param>
    internal Settings SetDomain(
        DomainSnapshot domain, IReadOnlyDictionary<DomainSetting, long?> changes, bool transient)
    {
        RuntimeSettings domains = Domains.With(domain.Identity.Uuid, domain.Name, changes, transient);
        return this with { Kept = domains.Kept, Runtime = Runtime with { Domains = domains.Transient } };
    }
}

/// <summary>Changes that administrators made while the daemon runs and that are lost when it stops.</summary>
/// <param name="Mode">The mode; null for the configuration's.</param>
/// <param name="Policy">The policy; null for the configuration's.</param>
/// <param name="Domains">Settings of single domains.</param>
internal sealed record RuntimeChanges(
    BalancerMode? Mode, PolicyKind? Policy, ImmutableDictionary<DomainKey, DomainSettings> Domains)
{
    /// <summary>Whether domains are given back what they booted with, whatever the mode.</summary>
    internal bool Restores { get; init; }

    /// <summary>No changes.</summary>
    internal static RuntimeChanges None { get; } =
        new(null, null, ImmutableDictionary<DomainKey, DomainSettings>.Empty);
}

/// <summary>What the daemon does when it is stopped.</summary>
internal enum StopAction
{
    /// <summary>Every domain keeps its target.</summary>
    Keep,

    /// <summary>Every domain gets back what it booted with, as far as memory allows.</summary>
    Restore,
}

/// <summary>The content of the configuration file, checked.</summary>
internal sealed record DaemonConfiguration
{
    /// <summary>The file; a reload reads it again.</summary>
    internal string Path { get; init; } = "";

    /// <summary>The mode at the start. Observe by default: an unconfigured daemon writes nothing.</summary>
    internal BalancerMode Mode { get; init; } = BalancerMode.Observe;

    /// <summary>Whether mode active is allowed although xl may shrink dom0.</summary>
    internal bool AllowAutoballoon { get; init; }

    /// <summary>
    /// Why mode active is refused on this host, and what to do; null if it is not. Not part of the file.
    /// </summary>
    internal string? ActiveRefusal { get; init; }

    /// <summary>The longest time between two balancing passes; a change on the host starts one at once.</summary>
    internal TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What to do when the daemon is stopped.</summary>
    internal StopAction OnStop { get; init; } = StopAction.Keep;

    /// <summary>The least severe messages that are logged.</summary>
    internal LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>A file that gets the log too; null for none.</summary>
    internal string? LogFile { get; init; }

    /// <summary>What the balancer decides by.</summary>
    internal BalancerSettings Balancer { get; init; } = new();

    /// <summary>This configuration with some of <see cref="Balancer"/> changed.</summary>
    internal DaemonConfiguration With(Func<BalancerSettings, BalancerSettings> change) =>
        this with { Balancer = change(Balancer) };
}
