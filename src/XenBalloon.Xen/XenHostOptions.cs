namespace XenBalloon.Xen;

/// <summary>Where <see cref="XenHost.Open"/> looks for Xen. The defaults are right on every host; tests put other places here.</summary>
public sealed record XenHostOptions
{
    /// <summary>Where Linux shows the running Xen.</summary>
    public string SysHypervisor { get; init; } = "/sys/hypervisor";

    /// <summary>Where Linux shows what the domain may do: <c>control_d</c> in dom0.</summary>
    public string Capabilities { get; init; } = "/proc/xen/capabilities";

    /// <summary>The directories that may hold <c>libxenballoon-hv-&lt;version&gt;.so</c>, best first.</summary>
    public IReadOnlyList<string> ShimDirectories { get; init; } =
    [
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "lib")),
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "lib", "xenballoon")),
        "/usr/lib/xenballoon",
    ];

    /// <summary>libxenstore's sonames: that of Xen 4.16 and later, then that of 4.15 and before.</summary>
    public IReadOnlyList<string> XenStoreLibraries { get; init; } = ["libxenstore.so.4", "libxenstore.so.3.0"];
}
