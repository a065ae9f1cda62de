using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NLog;
using NLog.Config;
using NLog.Extensions.Logging;
using NLog.Layouts;
using NLog.Targets;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace XenBalloon.Daemon.Logging;

/// <summary>Where messages go: to standard error, with syslog priorities where the journal reads it and with the time where a person or a file does.</summary>
internal static class LogSetup
{
    /// <summary>systemd sets this where standard error is the journal.</summary>
    private const string JournalVariable = "JOURNAL_STREAM";

    /// <summary>Sets the program's logging up.</summary>
    internal static void AddDaemonLogging(this HostApplicationBuilder builder, LogLevel level)
    {
        bool journal = Environment.GetEnvironmentVariable(JournalVariable) is not null;
        var target = new ConsoleTarget("stderr")
        {
            StdErr = true,
            Layout = journal
                ? Layout.FromMethod(entry => $"<{Priority(entry.Level)}>{entry.FormattedMessage}{Trace(entry)}")
                : Layout.FromMethod(entry => $"{entry.TimeStamp:HH:mm:ss.fff} {entry.Level.Name.ToUpperInvariant(),-5} {entry.FormattedMessage}{Trace(entry)}"),
        };
        var configuration = new LoggingConfiguration();
        configuration.AddRuleForAllLevels(target);
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Logging.AddNLog(configuration, new NLogProviderOptions { RemoveLoggerFactoryFilter = false });

        // The framework says nothing to an operator that we do not say better; a failed start it would tell with a stack trace.
        builder.Logging.AddFilter("Microsoft", LogLevel.None);
        SetLevel(level);
    }

    /// <summary>Changes what is logged, from now on.</summary>
    internal static void SetLevel(LogLevel level) => LogManager.GlobalThreshold = level switch
    {
        LogLevel.Debug => NLog.LogLevel.Debug,
        LogLevel.Warning => NLog.LogLevel.Warn,
        LogLevel.Error => NLog.LogLevel.Error,
        _ => NLog.LogLevel.Info,
    };

    private static int Priority(NLog.LogLevel level) =>
        level == NLog.LogLevel.Debug ? 7 : level == NLog.LogLevel.Info ? 6 : level == NLog.LogLevel.Warn ? 4 : 3;

    private static string Trace(LogEventInfo entry) => entry.Exception is { } exception ? $": {exception}" : "";
}
