using System.Diagnostics;

namespace XenBalloon.Testing;

/// <summary>
/// A dbus-daemon that runs as long as this object exists. Any user can connect to it.
/// </summary>
public sealed class PrivateBus : IDisposable
{
    /// <summary>Allows everything.</summary>
    public const string OpenPolicy = """
        <policy context="default">
          <allow send_destination="*" eavesdrop="true"/>
          <allow eavesdrop="true"/>
          <allow own="*"/>
          <allow user="*"/>
        </policy>
        """;

    /// <summary>Like the system bus, denies what no policy allows. A service's own policy follows it.</summary>
    public const string SystemPolicy = """
        <policy context="default">
          <allow user="*"/>
          <deny own="*"/>
          <deny send_type="method_call"/>
          <allow send_type="signal"/>
          <allow send_requested_reply="true" send_type="method_return"/>
          <allow send_requested_reply="true" send_type="error"/>
          <allow receive_type="method_call"/>
          <allow receive_type="method_return"/>
          <allow receive_type="error"/>
          <allow receive_type="signal"/>
          <allow send_destination="org.freedesktop.DBus"/>
        </policy>
        """;

    private readonly DirectoryInfo directory = System.IO.Directory.CreateTempSubdirectory("xenballoon-bus-");
    private readonly string configuration;
    private Process daemon;

    /// <summary>Starts it.</summary>
    /// <param name="policy">The policy elements of its configuration.</param>
    public PrivateBus(string policy = OpenPolicy)
    {
        File.SetUnixFileMode(directory.FullName, (UnixFileMode)0b111_101_101);
        Address = $"unix:path={Path.Combine(directory.FullName, "bus")}";
        configuration = Path.Combine(directory.FullName, "bus.conf");
        File.WriteAllText(
            configuration, $"<busconfig><listen>{Address}</listen><auth>EXTERNAL</auth>{policy}</busconfig>");
        daemon = Run();
    }

    /// <summary>Its D-Bus address.</summary>
    public string Address { get; }

    /// <summary>Its directory, which any user can read.</summary>
    public string Directory => directory.FullName;

    /// <summary>Kills it.</summary>
    public void Kill()
    {
        daemon.Kill();
        daemon.WaitForExit();
    }

    /// <summary>Restarts it at the same address after <see cref="Kill"/>.</summary>
    public void Restart()
    {
        File.Delete(Path.Combine(directory.FullName, "bus"));
        daemon.Dispose();
        daemon = Run();
    }

    /// <summary>Stops it with SIGSTOP: it accepts connections and data, but does not reply.</summary>
    public void Stall() => Signal("STOP");

    /// <summary>Continues it after <see cref="Stall"/>.</summary>
    public void Resume() => Signal("CONT");

    public void Dispose()
    {
        Resume();
        Kill();
        daemon.Dispose();
        directory.Delete(recursive: true);
    }

    private Process Run()
    {
        string[] arguments = ["--nofork", "--nopidfile", "--print-address", $"--config-file={configuration}"];
        var started = Process.Start(new ProcessStartInfo("dbus-daemon", arguments)
        {
            RedirectStandardOutput = true,
        })!;
        return started.StandardOutput.ReadLine() is not null
            ? started
            : throw new InvalidOperationException("dbus-daemon did not start; see its output above");
    }

    private void Signal(string name)
    {
        string process = daemon.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var kill = Process.Start("kill", [$"-{name}", process]);
        kill.WaitForExit();
    }
}
