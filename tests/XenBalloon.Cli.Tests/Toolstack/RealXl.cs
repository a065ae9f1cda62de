using System.Globalization;
using XenBalloon.Testing;

namespace XenBalloon.Cli.Tests.Toolstack;

/// <summary>Debian's own xl, on a machine without Xen: <c>tests/xl/no-xen.c</c> stands in for the hypervisor as far as reading configurations goes.</summary>
internal static class RealXl
{
    private static readonly Lazy<string> Made = new(Make);

    /// <summary>The program.</summary>
    internal static string Program => Made.Value;

    private static string Make()
    {
        string root = Run(Path.Combine(Repository.Root, "tests/xenstored/fetch")).TrimEnd();
        string xl = Directory.GetFiles(root, "xl", SearchOption.AllDirectories).Single(path => path.Contains("/bin/", StringComparison.Ordinal));
        string libraries = Path.GetDirectoryName(Directory.GetFiles(root, "libxenlight.so.*", SearchOption.AllDirectories)[0])!;
        string home = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "real-xl")).FullName, preloaded = Path.Combine(home, "no-xen.so"), program = Path.Combine(home, "xl");
        Run("gcc", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", preloaded, Path.Combine(Repository.Root, "tests/xl/no-xen.c"));
        File.WriteAllText(program, string.Create(CultureInfo.InvariantCulture, $"#!/bin/sh\nLD_PRELOAD={preloaded} LD_LIBRARY_PATH={libraries} exec {xl} \"$@\"\n"));
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        return program;
    }

    private static string Run(string program, params string[] arguments)
    {
        Command command = Command.Run(program, arguments);
        return command.Status == 0 ? command.Output : throw new InvalidOperationException($"{program}: {command.Error}");
    }
}
