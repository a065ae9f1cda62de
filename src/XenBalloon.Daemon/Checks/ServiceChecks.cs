using XenBalloon.Core.Pacing;
using XenBalloon.Core.Settings;
using XenBalloon.Daemon.Configuration;
using XenBalloon.Daemon.Loop;
using XenBalloon.Xen;

namespace XenBalloon.Daemon.Checks;

/// <summary>What the daemon needs to start.</summary>
internal static class ServiceChecks
{
    private const string BusName = "org.xenballoon.Balloon1", Program = "xenballoond";

    /// <summary>The file; a finding for each error in it, and for each size that exceeds the host's memory.</summary>
    internal static IEnumerable<Finding> Configuration(HostFacts facts)
    {
        string path = facts.ConfigurationPath;
        ConfigurationException? found = facts.ConfigurationFault
            ?? (facts.Domains.Snapshot is { } host ? HostLimits.Find(facts.Configuration, host.Total) : null);
        if (found is not { } fault) return [new(FindingId.Configuration, Verdict.Ok, path, "ok")];
        if (fault.IsUnreadable) return [Invalid(path, fault.Message, ExitStatus.ConfigurationUnreadable)];
        return
            from line in fault.Message.Split('\n')
            let parts = line.Split(": ", 2)
            select Invalid(parts[0], parts[^1], ExitStatus.ConfigurationInvalid);
    }

    /// <summary>The user.</summary>
    internal static Finding User(HostFacts facts) => facts.UserId == 0
        ? new(FindingId.User, Verdict.Ok, "root", "everything can be checked")
        : new(
            FindingId.User,
            Verdict.Warning,
            $"uid {facts.UserId}",
            "what needs root cannot be checked, and fails below",
            "run xenballoond --check as root");

    /// <summary>Xen, the hypervisor and xenstore.</summary>
    internal static IEnumerable<Finding> Xen(HostFacts facts)
    {
        XenParts parts = facts.Xen;
        string version = parts.Version is null ? "Xen" : $"Xen {parts.Version}";
        yield return Part(FindingId.Xen, version, parts.Xen, "this is dom0");
        yield return parts.Hypervisor is { } hypervisor
            ? Part(FindingId.Hypervisor, "hypervisor", hypervisor, "the shim is connected")
            : new(FindingId.Hypervisor, Verdict.Note, "hypervisor", "not checked: the version of Xen is unknown");
        yield return Part(FindingId.Xenstore, "xenstored", parts.Store, "connected");
    }

    /// <summary>The system bus.</summary>
    internal static Finding Bus(HostFacts facts) => facts.Bus.Fault is { } fault
        ? Finding.Error(FindingId.Bus, "system bus", fault, ExitStatus.NoBus)
        : new(FindingId.Bus, Verdict.Ok, "system bus", "connected");

    /// <summary>The permission to own the bus name: without it, the daemon does not start.</summary>
    internal static Finding BusPolicy(HostFacts facts)
    {
        string file = $"{BusName}.conf";
        if (facts.Bus.HasPolicy) return new(FindingId.BusPolicy, Verdict.Ok, file, "installed");
        return facts.Bus.Daemon is not null
            ? new(FindingId.BusPolicy, Verdict.Note, file, "not installed, but this bus lets xenballoond own its name")
            : Finding.Error(
                FindingId.BusPolicy,
                file,
                "not installed, so the system bus does not let xenballoond own its name; "
                    + "run 'make install', or copy it to /usr/share/dbus-1/system.d",
                ExitStatus.NoBus);
    }

    /// <summary>The daemon.</summary>
    internal static Finding Daemon(HostFacts facts)
    {
        if (facts.Bus.Daemon is not { } daemon) return Absent(facts);
        if (daemon.Version != HostBalancer.Version)
        {
            return Runs(
                Verdict.Warning,
                daemon,
                $", but this program is version {HostBalancer.Version}",
                "run 'systemctl restart xenballoond'");
        }

        if (daemon.ModeReason.Length > 0) return Runs(Verdict.Warning, daemon, $": {daemon.ModeReason}");
        return daemon.Alarm == EnumText.Of(HostAlarm.None)
            ? Runs(Verdict.Ok, daemon)
            : Runs(Verdict.Warning, daemon, $", alarm {daemon.Alarm}", "see 'xenballoon status'");
    }

    /// <summary>The state directory.</summary>
    internal static Finding State(HostFacts facts)
    {
        (string directory, bool exists, string? writeFault, string? fileFault) = facts.State;
        if (!exists)
        {
            string text = "does not exist yet: xenballoond creates it when there is something to save";
            return new(FindingId.State, Verdict.Note, directory, text);
        }

        if (writeFault is not null)
        {
            string remedy = "correct that, or settings and reservations are lost when xenballoond ends";
            return new(FindingId.State, Verdict.Error, directory, $"cannot be written: {writeFault}", remedy);
        }

        return fileFault is null
            ? new(FindingId.State, Verdict.Ok, directory, "can be read and written")
            : new(
                FindingId.State,
                Verdict.Warning,
                Path.Combine(directory, "state.json"),
                $"cannot be read: {fileFault}",
                "correct it before xenballoond starts: it renames the file and starts without saved settings");
    }

    private static Finding Invalid(string subject, string text, ExitStatus status) =>
        new(FindingId.Configuration, Verdict.Error, subject, text) { Status = status };

    private static Finding Part(FindingId id, string subject, XenPart part, string text) => part.Failure is { } failure
        ? Finding.Error(id, subject, failure.Message, failure.Cause.ToExitStatus())
        : new(id, Verdict.Ok, subject, text);

    private static Finding Absent(HostFacts facts)
    {
        int running = facts.Programs.FirstOrDefault(program => program.Name == Program).Pid;
        return running == 0
            ? new(FindingId.Daemon, Verdict.Note, Program, "does not run", "run 'systemctl enable --now xenballoond'")
            : new(
                FindingId.Daemon,
                Verdict.Warning,
                Program,
                $"runs (process {running}), but is not on the system bus",
                "see its log (journalctl -u xenballoond)");
    }

    private static Finding Runs(Verdict verdict, DaemonFacts daemon, string more = "", string? remedy = null) => new(
        FindingId.Daemon,
        verdict,
        Program,
        $"version {daemon.Version} runs in mode {daemon.Mode}{more}",
        remedy);
}
