namespace XenBalloon.Core.Hosts;

/// <summary>Who in the guest wrote the report.</summary>
public enum ReportSource
{
    /// <summary>XenServer's and XCP-ng's guest agents: <c>data/meminfo_total</c> and <c>data/meminfo_free</c>, where free is MemAvailable.</summary>
    XenServer,

    /// <summary>Qubes' meminfo-writer: <c>memory/meminfo</c>, the KiB in use.</summary>
    Qubes,

    /// <summary>Our own agent: <c>data/xenballoon</c>, with the kernel's vitals.</summary>
    Agent,
}
