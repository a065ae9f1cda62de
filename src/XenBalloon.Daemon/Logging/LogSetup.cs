using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NLog;
using NLog.Config;
using NLog.Extensions.Logging;
using NLog.Layouts;
using NLog.Targets;
using NLog.Targets.Wrappers;
using XenBalloon.Posix;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace XenBalloon.Daemon.Logging;

/// <summary>
/// Sets up where the log goes: to the systemd journal if standard error is connected to it, else to standard error, and
/// to a file if the configuration names one.
/// </summary>
internal static class LogSetup
{
    /// <summary>The daemon's name in the journal.</summary>
    internal const string Identifier = "xenballoond";

    /// <summary>How large a log file becomes before a new one is started, and how many old ones are kept.</summary>
    internal const int MaxFileBytes = 10 << 20, MaxOldFiles = 5;

    private const string FileRuleName = "file";

    private static Task lastChange = Task.CompletedTask;

    /// <summary>More entries than this are dropped while the log cannot be written.</summary>
    private const int MaxWaitingEntries = 10_000;

    /// <summary>Adds the daemon's logging to the program.</summary>
    /// <param name="builder">The program.</param>
    /// <param name="level">The least severe messages that are logged.</param>
    /// <param name="file">The log file; null for none.</param>
    internal static void AddDaemonLogging(this HostApplicationBuilder builder, LogLevel level, string? file)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Logging.AddNLog(Build(level, file), new NLogProviderOptions { RemoveLoggerFactoryFilter = false });

        // Failures of the host framework are reported by the daemon itself, without the framework's stack traces.
        builder.Logging.AddFilter("Microsoft", LogLevel.None);
    }

    /// <summary>
    /// Changes the level and the file of the running program; reopens the file. In the background: closing the old file
    /// waits while it cannot be written. The journal or standard error stays open, so it gets every entry. The old file
    /// is closed when loggers write to the new one; an entry that is being written at that moment may be in neither.
    /// </summary>
    /// <returns>Completes when the new log is in use.</returns>
    internal static Task Change(LogLevel level, string? file) =>
        lastChange = lastChange.ContinueWith(_ => Replace(level, file), TaskScheduler.Default);

    /// <summary>Opens the log file for a test; returns the error, or null. NLog drops entries silently.</summary>
    internal static string? TryOpen(string file)
    {
        if (FileStatus.IsSpecial(file)) return "it is not a file";
        try
        {
            if (Path.GetDirectoryName(file) is { } directory) Directory.CreateDirectory(directory);
            using var opened = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return exception.Message;
        }
    }

    /// <summary>The text of an entry, with the stack trace of its exception.</summary>
    internal static string Text(LogEventInfo entry) =>
        entry.Exception is { } exception ? $"{entry.FormattedMessage}: {exception}" : entry.FormattedMessage;

    /// <summary>
    /// A target for a log file. When <c>name.log</c> is full, it is renamed to <c>name.1.log</c>, the next time to
    /// <c>name.2.log</c> and so on, and the oldest is deleted.
    /// </summary>
    internal static FileTarget CreateFileTarget(string file, long maxBytes) => new("file")
    {
        FileName = Layout.FromLiteral(file),
        ArchiveFileName = Layout.FromLiteral(file),
        ArchiveSuffixFormat = ".{0}",
        ArchiveAboveSize = maxBytes,
        MaxArchiveFiles = MaxOldFiles,
        Layout = Layout.FromMethod(entry => $"{entry.TimeStamp:yyyy-MM-dd} {Line(entry)}"),
    };

    private static LoggingConfiguration Build(LogLevel level, string? file)
    {
        var configuration = new LoggingConfiguration();
        configuration.AddRule(Least(level), NLog.LogLevel.Fatal, InBackground(CreateStandardErrorTarget()));
        if (file is not null) configuration.AddRule(FileRule(level, file));
        return configuration;
    }

    private static void Replace(LogLevel level, string? file)
    {
        if (LogManager.Configuration is not { } configuration) return; // the program has ended its log
        IList<LoggingRule> rules = configuration.LoggingRules;
        LoggingRule? old = rules.FirstOrDefault(static rule => rule.RuleName == FileRuleName);
        rules[0].SetLoggingLevels(Least(level), NLog.LogLevel.Fatal);
        if (old is not null) rules.Remove(old);
        if (file is not null) configuration.AddRule(FileRule(level, file));
        LogManager.ReconfigExistingLoggers();
        if (old?.Targets[0] is not AsyncTargetWrapper { WrappedTarget: { } oldFile } background) return;
        background.Dispose(); // writes what waits
        oldFile.Dispose();
    }

    private static NLog.LogLevel Least(LogLevel level) => level switch
    {
        LogLevel.Debug => NLog.LogLevel.Debug,
        LogLevel.Warning => NLog.LogLevel.Warn,
        LogLevel.Error => NLog.LogLevel.Error,
        _ => NLog.LogLevel.Info,
    };

    private static LoggingRule FileRule(LogLevel level, string file) =>
        new("*", Least(level), NLog.LogLevel.Fatal, InBackground(CreateFileTarget(file, MaxFileBytes)))
        {
            RuleName = FileRuleName,
        };

    /// <summary>A terminal that is stopped, or a pipe that nobody reads, must not stop the balancing.</summary>
    private static AsyncTargetWrapper InBackground(Target target) =>
        new(target, MaxWaitingEntries, AsyncTargetWrapperOverflowAction.Discard)
        {
            Name = $"{target.Name} in background",
        };

    private static Target CreateStandardErrorTarget() => JournalTarget.IsStandardError
        ? new JournalTarget(JournalTarget.DefaultSocketPath, Console.Error) { Name = "journal" }
        : new ConsoleTarget("stderr") { StdErr = true, Layout = Layout.FromMethod(Line) };

    private static string Line(LogEventInfo entry) =>
        $"{entry.TimeStamp:HH:mm:ss.fff} {entry.Level.Name.ToUpperInvariant(),-5} {Text(entry)}";
}
