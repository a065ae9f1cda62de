using System.Diagnostics;
using System.Globalization;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>A directory like /proc, with the processes that a test names.</summary>
internal sealed class ProcessList
{
    public ProcessList(string directory)
    {
        Directory = System.IO.Directory.CreateDirectory(directory).FullName;
        SetNewest(1);
    }

    public string Directory { get; }

    /// <summary>Starts a process, or a program in one that runs.</summary>
    public void Start(int process, params string[] command)
    {
        string line = string.Concat(command.Select(argument => argument + '\0'));
        System.IO.Directory.CreateDirectory(PathOf(process));
        File.WriteAllText(Path.Combine(PathOf(process), "cmdline"), line);
    }

    /// <summary>Starts a process, which the load average then shows as the newest.</summary>
    public void StartNewest(int process, params string[] command)
    {
        Start(process, command);
        SetNewest(process);
    }

    /// <summary>Starts libxl's helper that saves or restores a domain.</summary>
    public void StartHelper(int process, int domid, string mode = "--save-domain") =>
        StartNewest(process, "/usr/lib/xen-4.17/bin/libxl-save-helper", mode, "9", "-1", $"{domid}", "1", "17", "0");

    public void End(int process) => System.IO.Directory.Delete(PathOf(process), recursive: true);

    public void SetNewest(int process) =>
        File.WriteAllText(Path.Combine(Directory, "loadavg"), $"0.52 0.58 0.59 1/467 {process}\n");

    private string PathOf(int process) =>
        Path.Combine(Directory, process.ToString(CultureInfo.InvariantCulture));
}

/// <summary>A real process with the command line of libxl's helper, which waits until it is disposed.</summary>
internal sealed class WaitingHelper : IDisposable
{
    private const string Source = "#include <unistd.h>\nint main(void) { return pause(); }\n";

    private readonly string directory = Directory.CreateTempSubdirectory("helper-").FullName;
    private readonly Process process;

    public WaitingHelper(int domid)
    {
        string source = Path.Combine(directory, "helper.c"), program = Path.Combine(directory, "libxl-save-helper");
        File.WriteAllText(source, Source);
        Repository.Run("cc", "-o", program, source);
        process = Process.Start(program, ["--save-domain", "9", "-1", $"{domid}", "1", "17", "0"]);
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
