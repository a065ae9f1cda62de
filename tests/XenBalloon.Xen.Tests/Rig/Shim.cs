namespace XenBalloon.Xen.Tests.Rig;

/// <summary>Builds hypervisor shims: the real one, and one with made-up domains behind the same header.</summary>
internal static class Shim
{
    /// <summary>The Xen that this machine's headers are of.</summary>
    public static string Version { get; } = string.Join('.', Repository.Run("pkg-config", "--modversion", "xencontrol").Split('.').Take(2));

    /// <summary>Builds the real shim into a directory.</summary>
    /// <returns>The file.</returns>
    public static string BuildReal(string directory)
    {
        Repository.Run("make", "-s", "-C", Repository.File("native", "hypervisor"), $"OUT={directory}");
        return Path.Combine(directory, $"libxenballoon-hv-{Version}.so");
    }

    /// <summary>Builds the made-up shim as the one for Xen 9.9.</summary>
    public static void BuildFake(string directory, params string[] definitions) => Repository.Run(
        "cc",
        [
            "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", $"-I{Repository.File("native", "hypervisor")}", .. definitions,
            "-o", Path.Combine(directory, "libxenballoon-hv-9.9.so"),
            Repository.File("tests", "XenBalloon.Xen.Tests", "Rig", "fake-shim.c"),
        ]);
}
