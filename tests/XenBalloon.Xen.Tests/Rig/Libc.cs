using System.Runtime.InteropServices;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>What .NET keeps from us.</summary>
internal static partial class Libc
{
    /// <summary>Sets a variable where C libraries see it; .NET's own SetEnvironmentVariable changes a copy.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetEnvironment(string name, string value, int overwrite);

    /// <summary>Sends a signal.</summary>
    [LibraryImport("libc", EntryPoint = "kill")]
    internal static partial int Kill(int process, int signal);
}
