using System.CommandLine;
using XenBalloon.Cli.Toolstack;

namespace XenBalloon.Cli.Commands;

/// <summary><c>--libvirt</c>, for those who know a domain by libvirt's XML of it.</summary>
internal static class LibvirtOption
{
    internal static Option<bool> Create() =>
        new("--libvirt") { Description = "Read libvirt's XML of the domain from standard input." };

    /// <summary>The domain on standard input.</summary>
    /// <exception cref="ToolstackException">There is none.</exception>
    internal static DomainConfiguration Read()
    {
        using Stream input = Console.OpenStandardInput();
        return LibvirtDomain.Read(input);
    }
}
