using XenBalloon.Cli.Tests.Toolstack;

namespace XenBalloon.Cli.Tests;

/// <summary>
/// Stands for xl, which does not run without Xen: prints for <c>-n</c> what xl prints, and otherwise its arguments and what is reserved while it runs.
/// </summary>
internal sealed class FakeXl
{
    internal FakeXl(string directory)
    {
        Directory = System.IO.Directory.CreateDirectory(Path.Combine(directory, "sbin")).FullName;
        Program = Path.Combine(Directory, "xl");
        Saved = Path.Combine(directory, "web.save");
        File.WriteAllBytes(Saved, SavedFile.Of(SavedFile.Configuration));
        Write($$"""
            case " $* " in
              *broken*" -n "*) echo "broken.cfg:1: config parsing error" >&2; exit 1 ;;
              *" -n "*) echo '{ "c_info": { "type": "pvh", "name": "web" }, "b_info": { "max_memkb": 262144, "target_memkb": 131072 } }'; exit 0 ;;
            esac
            echo "xl $*"
            {{SimulatedDaemon.Program}} reservations
            exit 6
            """);
    }

    /// <summary>Where it is.</summary>
    internal string Directory { get; }

    /// <summary>It.</summary>
    internal string Program { get; }

    /// <summary>A domain of 96 MiB that it has saved, called <c>saved</c>.</summary>
    internal string Saved { get; }

    /// <summary>Has it do something else.</summary>
    internal void Write(string script)
    {
        File.WriteAllText(Program, $"#!/bin/bash\n{script}\n");
        File.SetUnixFileMode(Program, (UnixFileMode)0b111_101_101);
    }
}
