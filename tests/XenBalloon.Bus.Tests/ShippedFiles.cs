using System.Xml.Linq;

namespace XenBalloon.Bus.Tests;

/// <summary>The files of init/dbus, which the build puts beside the tests.</summary>
internal static class ShippedFiles
{
    /// <summary>The policy of a system bus on which ours is installed.</summary>
    internal static string SystemBusPolicy => $"{OnPrivateBus.PrivateBus.SystemPolicy}<include>{PathOf("org.xenballoon.Balloon1.conf")}</include>";

    internal static XElement Interface(string name) => XDocument.Load(PathOf(name + ".xml")).Root!.Element("interface")!;

    internal static string PathOf(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, "dbus", name);
}
