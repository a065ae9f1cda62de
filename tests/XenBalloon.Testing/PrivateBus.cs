using System.Diagnostics;

namespace XenBalloon.Testing;

/// <summary>
/// A dbus-daemon of our own, that lives as long as this object. Its directory may be entered by any user.
/// </summary>
public sealed class PrivateBus : IDisposable
{
    /// <summary>Lets everyone do everything.</summary>
    public const string OpenPolicy = """
        <policy context="default">
          <allow send_destination="*" eavesdrop="true"/>
          <allow eavesdrop="true"/>
          <allow own="*"/>
          <allow user="*"/>
        </policy>
        """;

    /// <summary>As the system bus: forbids what no policy allows. What a service ships comes after it.</summary>
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
    /// <param name="policy">
    /// What goes between the <c>busconfig</c> tags of its configuration, besides where it listens.
    /// </param>
    public PrivateBus(string policy = OpenPolicy)
    {
        File.SetUnixFileMode(directory.FullName, (UnixFileMode)0b111_101_101);
        Address = $"unix:path={Path.Combine(directory.FullName, "bus")}";
        configuration = Path.Combine(directory.FullName, "bus.conf");
        File.WriteAllText(
            configuration, $"<busconfig><listen>{Address}</listen><auth>EXTERNAL</auth>{policy}</busconfig>");
        daemon = Run();
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>Its directory, for files that any user of it may read.</summary>
    public string Directory => directory.FullName;

    /// <summary>Ends it, as a crash would.</summary>
    public void Kill()
    {
        daemon.Kill();
        daemon.WaitForExit();
    }

    /// <summary>Starts it again at the same address, after <see cref="Kill"/>.</summary>
    public void Restart()
    {
        File.Delete(Path.Combine(directory.FullName, "bus"));
        daemon.Dispose();
        daemon = Run();
    }

    /// <summary>Stops it where it stands: it takes connections and data, and answers nothing.</summary>
    public void Stall() => Signal("STOP");

    /// <summary>Lets it go on.</summary>
    public void GoOn() => Signal("CONT");

    public void Dispose()
    {
        GoOn();
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
            : throw new InvalidOperationException("dbus-daemon did not start; what it said is above");
    }

    private void Signal(string name)
    {
        string process = daemon.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var kill = Process.Start("kill", [$"-{name}", process]);
        kill.WaitForExit();
    }
}
