using XenBalloon.Core.Hosts;
using XenBalloon.Core.Memory;
using XenBalloon.Simulation.Scenarios;

namespace XenBalloon.Simulation.Peers.Common;

/// <summary>The administrator's words on every guest of a scenario, found by the domain's name.</summary>
/// <param name="scenario">Where they are written.</param>
internal sealed class TermsBook(Scenario scenario)
{
    private const int UsualWeight = 100;

    private readonly Dictionary<string, GuestTerms> terms = scenario.Guests.ToDictionary(
        guest => guest.Name,
        guest => new GuestTerms(guest.Minimum, KiB.Min(guest.Maximum ?? guest.StaticMax, guest.StaticMax), guest.Weight, guest.BootMemory, guest.StaticMax),
        StringComparer.Ordinal);

    /// <summary>What was said of a domain; of one that the scenario does not know, what xenstore says.</summary>
    public GuestTerms For(DomainSnapshot domain)
    {
        if (terms.TryGetValue(domain.Name, out GuestTerms? known)) return known;
        KiB most = domain.StaticMax ?? domain.Actual;
        return new GuestTerms(domain.DynamicMin, KiB.Min(domain.DynamicMax ?? most, most), UsualWeight, domain.BootMemory ?? domain.Actual, most);
    }
}
