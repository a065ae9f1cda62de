namespace XenBalloon.EndToEnd.Rig;

/// <summary>The death of a non-PV guest that QEMU itself causes: a triple fault whose dumped "guest" state is the hypervisor's. tests/rig/README.md.</summary>
internal static class EmulatorFault
{
    public static bool In(IReadOnlyList<string> console) =>
        console.Any(line => line.Contains("Triple fault", StringComparison.Ordinal)) && console.Any(line => line.Contains("RIP:    e008:", StringComparison.Ordinal));
}
