namespace XenBalloon.Bus.Tests;

/// <summary>The files of init/dbus, which the build puts beside the tests.</summary>
internal static class ShippedFiles
{
    internal static string PathOf(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, "dbus", name);
}
