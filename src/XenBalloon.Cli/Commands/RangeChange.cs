using XenBalloon.Bus.Client;
using XenBalloon.Core.Memory;

namespace XenBalloon.Cli.Commands;

/// <summary>
/// A change of a domain's minimum, its maximum, or both. The bus takes the two together, so that the one which nothing was said of now is said again where it
/// was set before, and left to the configuration where it was not.
/// </summary>
/// <param name="Minimum">dynamic-min; zero for what the configuration says, null to leave it.</param>
/// <param name="Maximum">dynamic-max, likewise.</param>
/// <param name="Runtime">Whether it is forgotten with the daemon's end.</param>
internal sealed record RangeChange(KiB? Minimum, KiB? Maximum, bool Runtime)
{
    private const string Kept = "set, kept", Transient = "set until the daemon ends";

    /// <summary>Makes the change.</summary>
    /// <exception cref="BalloonClientException">It cannot be made, or not without changing how long something else holds.</exception>
    internal void Apply(BalloonClient daemon, DomainStatus domain)
    {
        if (Minimum is null && Maximum is null) return;
        KiB? minimum = Minimum ?? Left(domain, "min", domain.DynamicMin);
        KiB? maximum = Maximum ?? Left(domain, "max", domain.DynamicMax);
        daemon.SetRange(domain.Domid, minimum, maximum, Runtime);
    }

    private KiB? Left(DomainStatus domain, string name, KiB? inForce)
    {
        string? origin = domain.SettingsFrom.Split("; ").FirstOrDefault(setting => setting.StartsWith($"{name}: ", StringComparison.Ordinal))?[(name.Length + 2)..];
        if (!Runtime && origin == Transient)
        {
            throw new BalloonClientException($"the {name} of domain {domain.Domid} is set until the daemon ends, and cannot be left so beside what is kept: give --runtime, or --{name} too");
        }

        return origin == (Runtime ? Transient : Kept) ? inForce : null;
    }
}
