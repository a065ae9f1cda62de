namespace XenBalloon.Cli.Toolstack;

/// <summary>How a domain yet to come will be virtualized.</summary>
internal enum DomainType
{
    /// <summary>Paravirtualized: it keeps its own page tables, in its own memory.</summary>
    Pv,

    /// <summary>Hardware-assisted, without a device model.</summary>
    Pvh,

    /// <summary>Hardware-assisted, with a device model.</summary>
    Hvm,
}
