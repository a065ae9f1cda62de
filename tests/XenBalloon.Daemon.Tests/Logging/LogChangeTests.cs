using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NLog;
using XenBalloon.Daemon.Logging;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Logging;

/// <summary>Changes of the running daemon's log, which is the process's.</summary>
[NonParallelizable]
public sealed class LogChangeTests
{
    // In all fewer than LogSetup.MaxWaitingEntries: entries beyond these are dropped.
    private const int Changes = 40, MaxEntriesPerChange = 200;

    private TemporaryFolder folder;
    private TextWriter standardError;
    private StringWriter written;
    private IHost program;

    private string LogFile => Path.Combine(folder.Path, "xenballoon.log");

    [SetUp]
    public void SetUp()
    {
        folder = new TemporaryFolder();
        standardError = Console.Error;
        written = new StringWriter(CultureInfo.InvariantCulture);
        Console.SetError(TextWriter.Synchronized(written));
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddDaemonLogging(Microsoft.Extensions.Logging.LogLevel.Information, null);
        program = builder.Build();
    }

    [TearDown]
    public void TearDown()
    {
        program.Dispose();
        LogManager.Configuration = null;
        Console.SetError(standardError);
        written.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task No_entry_is_lost_while_the_log_changes()
    {
        ILogger<LogChangeTests> logger = program.Services.GetRequiredService<ILogger<LogChangeTests>>();
        int entries = 0;
        for (int i = 0; i < Changes; i++)
        {
            string? file = i % 4 == 3 ? null : LogFile;
            Task changing = LogSetup.Change(Microsoft.Extensions.Logging.LogLevel.Information, file);
            for (int j = 0; j < MaxEntriesPerChange && !changing.IsCompleted; j++)
            {
                logger.PassFailed($"entry {++entries},");
                Thread.Yield();
            }

            await changing;
        }

        LogManager.Flush();

        string all = written.ToString();
        IEnumerable<int> lost = Enumerable.Range(1, entries).Where(i => !all.Contains($" entry {i},", default));
        Assert.That(lost, Is.Empty);
    }

    [Test]
    public async Task Level_and_file_change()
    {
        ILogger<LogChangeTests> logger = program.Services.GetRequiredService<ILogger<LogChangeTests>>();
        await LogSetup.Change(Microsoft.Extensions.Logging.LogLevel.Warning, LogFile);
        logger.Stopped();
        logger.PassFailed("first");
        await LogSetup.Change(Microsoft.Extensions.Logging.LogLevel.Information, null);
        logger.Stopped();
        LogManager.Flush();

        Assert.That(File.ReadAllText(LogFile), Does.Contain("first").And.Not.Contain("stopped"));
        Assert.That(written.ToString().Split("stopped"), Has.Length.EqualTo(2));
        Assert.That(written.ToString(), Does.Contain("first"));
    }
}
