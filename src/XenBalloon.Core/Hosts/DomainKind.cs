namespace XenBalloon.Core.Hosts;

/// <summary>How a domain is virtualized, as far as memory cares.</summary>
public enum DomainKind
{
    /// <summary>Paravirtualized: the guest knows its machine frames; no populate-on-demand.</summary>
    Pv,

    /// <summary>Hardware-assisted (HVM or PVH): maxmem, then the populate-on-demand target, then the balloon's target.</summary>
    Hvm,
}
