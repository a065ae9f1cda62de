namespace XenBalloon.Core.Hosts;

/// <summary>The names that toolstacks give to domains.</summary>
public static class DomainName
{
    /// <summary>
    /// xl adds this to the name of a domain that arrives from another host, until it runs; a name is thus unique on a
    /// host even while a domain migrates to the same host (tools/xl/xl_vmcontrol.c).
    /// </summary>
    public const string IncomingSuffix = "--incoming";

    /// <summary>The name that a domain has when it runs: <c>web</c> for <c>web--incoming</c>.</summary>
    public static string OfRunning(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length > IncomingSuffix.Length && name.EndsWith(IncomingSuffix, StringComparison.Ordinal)
            ? name[..^IncomingSuffix.Length]
            : name;
    }

    /// <summary>Whether a domain is the one that an operator calls by this name or UUID.</summary>
    public static bool Matches(string nameOrUuid, DomainSnapshot domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return Guid.TryParse(nameOrUuid, out Guid uuid)
            ? domain.Identity.Uuid == uuid
            : domain.Name == nameOrUuid || OfRunning(domain.Name) == nameOrUuid;
    }
}
