using System.Globalization;
using XenBalloon.Bus.Definitions;
using XenBalloon.Core;
using XenBalloon.Core.Hosts;

namespace XenBalloon.Bus.Objects;

/// <summary>Which domain is meant: by domid, UUID or name, in that order, as xl takes its arguments.</summary>
internal static class DomainLookup
{
    /// <summary>The path of the domain that is meant.</summary>
    /// <exception cref="MethodErrorException">There is none, or more than one.</exception>
    internal static string PathOf(Publication publication, string wanted)
    {
        if (wanted.Length == 0) throw new MethodErrorException(ErrorNames.InvalidArgument, "the domain is empty: give a name, a UUID or a domid");
        Func<DomainSnapshot, bool> isMeant = Meaning(wanted);
        int[] found = [.. publication.Plan.Domains.Select(decision => decision.Domain).Where(isMeant).Select(domain => domain.Identity.Domid)];
        return found.Length switch
        {
            1 => Names.DomainPath(found[0]),
            0 => throw new MethodErrorException(ErrorNames.NoSuchDomain, $"no domain '{wanted}': 'xenballoon list' shows those there are"),

            // A local migration shows one UUID twice while it lasts.
            _ => throw new MethodErrorException(ErrorNames.InvalidArgument, $"'{wanted}' is {found.Length} domains, {string.Join(" and ", found)}: give a domid"),
        };
    }

    private static Func<DomainSnapshot, bool> Meaning(string wanted)
    {
        if (int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int domid)) return domain => domain.Identity.Domid == domid;
        if (Guid.TryParseExact(wanted, "D", out Guid uuid)) return domain => domain.Identity.Uuid == uuid;
        return domain => domain.Name == wanted;
    }
}
