using System.Xml.Linq;

namespace XenBalloon.Bus.Tests;

/// <summary>The files of init/dbus, which the build puts beside the tests.</summary>
internal static class ShippedFiles
{
    /// <summary>Our policy, for a bus's configuration.</summary>
    internal static string Policy => $"<include>{PathOf("org.xenballoon.Balloon1.conf")}</include>";

    internal static XElement Interface(string name) => XDocument.Load(PathOf(name + ".xml")).Root!.Element("interface")!;

    internal static string PathOf(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, "dbus", name);
}
