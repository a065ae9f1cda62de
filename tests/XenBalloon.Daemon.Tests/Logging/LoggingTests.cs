using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using NLog.Config;
using NLog.Extensions.Logging;
using NLog.Targets;
using XenBalloon.Daemon.Logging;
using XenBalloon.Testing;

namespace XenBalloon.Daemon.Tests.Logging;

/// <summary>Entries in the systemd journal's native protocol, on a socket that the test reads.</summary>
public sealed class JournalTargetTests
{
    private TemporaryFolder folder;
    private StringWriter standardError;
    private Socket journal;
    private TestLog log;

    private string SocketPath => Path.Combine(folder.Path, "socket");

    [SetUp]
    public void SetUp()
    {
        folder = new TemporaryFolder();
        standardError = new StringWriter();
        journal = Bind();
        log = new TestLog(new JournalTarget(SocketPath, standardError) { Name = "journal" });
    }

    [TearDown]
    public void TearDown()
    {
        log.Dispose();
        journal.Dispose();
        standardError.Dispose();
        folder.Dispose();
    }

    [Test]
    public void Entry_has_the_fields_of_its_event()
    {
        log.Logger.CommandRefused("wéb", 3, "set-target", "ENOSPC");

        Assert.That(Receive(), Is.EqualTo(new Dictionary<string, string>
        {
            ["MESSAGE"] = "wéb (3): set-target refused: ENOSPC; retrying at every pass",
            ["PRIORITY"] = "4",
            ["SYSLOG_IDENTIFIER"] = "xenballoond",
            ["XENBALLOON_EVENT"] = "CommandRefused",
            ["XENBALLOON_EVENT_ID"] = "202",
            ["XENBALLOON_DOMAIN"] = "wéb",
            ["XENBALLOON_DOMID"] = "3",
            ["XENBALLOON_COMMAND"] = "set-target",
            ["XENBALLOON_ERROR"] = "ENOSPC",
        }));
        Assert.That(standardError.ToString(), Is.Empty);
    }

    [Test]
    public void Parameter_of_several_words_becomes_a_field_with_underscores()
    {
        log.Logger.StateNotBackedUp("/p", "e", "EROFS");

        Assert.That(Receive()["XENBALLOON_RENAME_ERROR"], Is.EqualTo("EROFS"));
    }

    [Test]
    public void Levels_become_syslog_priorities()
    {
        log.Logger.Stopped();
        log.Logger.PassFailed("busy");
        log.Logger.HostLost("xenstored is gone");

        string[] priorities = [.. Enumerable.Range(0, 3).Select(_ => Receive()["PRIORITY"])];
        Assert.That(priorities, Is.EqualTo(new[] { "6", "4", "3" }));
    }

    [Test]
    public void Value_with_line_breaks_is_one_field()
    {
        log.Logger.PassFailed("one\nXENBALLOON_EVENT=forged\n\nthree\n");

        Dictionary<string, string> fields = Receive();
        Assert.That(fields["XENBALLOON_ERROR"], Is.EqualTo("one\nXENBALLOON_EVENT=forged\n\nthree\n"));
        Assert.That(fields["XENBALLOON_EVENT"], Is.EqualTo("PassFailed"));
        Assert.That(fields["MESSAGE"], Does.StartWith("balancing pass failed: one\n").And.EndsWith("; retrying"));
    }

    [Test]
    public void Exception_is_in_the_message()
    {
        log.Logger.InternalError(new InvalidOperationException("no plan"));

        string expected = "report this as a bug: System.InvalidOperationException: no plan";
        Assert.That(Receive()["MESSAGE"], Does.Contain(expected));
    }

    [TestCase("x", 1)]
    [TestCase("é", 2)]
    public void Long_value_is_truncated_between_characters(string letter, int bytes)
    {
        log.Logger.HostLost(string.Concat(Enumerable.Repeat(letter, 2_000_000)));

        Dictionary<string, string> fields = Receive();
        Assert.That(fields["XENBALLOON_ERROR"], Is.EqualTo(string.Concat(Enumerable.Repeat(letter, 32768 / bytes))));
        Assert.That(fields["XENBALLOON_EVENT_ID"], Is.EqualTo("102"));
    }

    [Test]
    public void Entry_that_is_too_large_for_a_datagram_is_truncated_further()
    {
        object?[] parts = [.. Enumerable.Range(0, 26).Select(_ => new string('x', 50_000))];
        string template = string.Join(' ', Enumerable.Range(0, parts.Length).Select(i => $"{{P{(char)('A' + i)}}}"));

#pragma warning disable CA1848, CA2254 // a message that the daemon does not have
        log.Logger.LogInformation(template, parts);
#pragma warning restore CA1848, CA2254

        Dictionary<string, string> fields = Receive();
        Assert.That(fields["XENBALLOON_P_Z"], Is.EqualTo(new string('x', 2048)));
        Assert.That(fields["MESSAGE"], Is.EqualTo(new string('x', 2048)));
        Assert.That(standardError.ToString(), Is.Empty);
    }

    [Test]
    public void Refused_socket_sends_entries_to_standard_error_until_it_is_back()
    {
        journal.Dispose();
        log.Logger.PassFailed("busy\nstill");
        File.Delete(SocketPath);
        log.Logger.Stopped();

        journal = Bind();
        log.Logger.AlarmCleared();

        Assert.That(
            standardError.ToString(),
            Is.EqualTo(
                "<4>balancing pass failed: busy\n<4>still; retrying\n<6>stopped; every domain keeps its target\n"));
        Assert.That(Receive()["MESSAGE"], Is.EqualTo("alarm cleared"));
    }

    [Test]
    public void Journal_stream_is_recognized_by_device_and_inode()
    {
        using FileStream file = File.Create(Path.Combine(folder.Path, "stream"));
        string identity = Command.Run("stat", ["-c", "%d:%i", file.Name]).Output.Trim();
        int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();

        Assert.That(JournalTarget.IsJournal(identity, descriptor), Is.True);
        foreach (string? other in new[] { null, "", "x", ":", identity + "0", "1" + identity, identity + ":1" })
        {
            Assert.That(JournalTarget.IsJournal(other, descriptor), Is.False, other);
        }

        Assert.That(JournalTarget.IsJournal(identity, -1), Is.False);
    }

    private Socket Bind()
    {
        var bound = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
        {
            ReceiveTimeout = 10_000,
        };
        bound.Bind(new UnixDomainSocketEndPoint(SocketPath));
        return bound;
    }

    /// <summary>Decodes the next datagram.</summary>
    private Dictionary<string, string> Receive()
    {
        byte[] buffer = new byte[1 << 20];
        ReadOnlySpan<byte> rest = buffer.AsSpan(0, journal.Receive(buffer));
        var fields = new Dictionary<string, string>();
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOfAny((byte)'=', (byte)'\n');
            string name = Encoding.ASCII.GetString(rest[..end]);
            Assert.That(name, Does.Match("^[A-Z][A-Z0-9_]{0,63}$"));
            bool hasLength = rest[end] == '\n';
            rest = rest[(end + 1)..];
            int length = hasLength ? (int)BinaryPrimitives.ReadUInt64LittleEndian(rest) : rest.IndexOf((byte)'\n');
            if (hasLength) rest = rest[sizeof(ulong)..];
            fields.Add(name, Encoding.UTF8.GetString(rest[..length]));
            Assert.That(rest[length], Is.EqualTo((byte)'\n'));
            rest = rest[(length + 1)..];
        }

        return fields;
    }
}

/// <summary>Log files, and when they become full.</summary>
public sealed class LogFileTests
{
    private TemporaryFolder folder;

    private string LogFile => Path.Combine(folder.Path, "log", "xenballoon ${level}.log");

    [SetUp]
    public void SetUp() => folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => folder.Dispose();

    [Test]
    public void Entry_is_a_line_with_date_time_and_level()
    {
        using (var log = new TestLog(LogSetup.CreateFileTarget(LogFile, LogSetup.MaxFileBytes)))
        {
            log.Logger.PassFailed("busy");
        }

        Assert.That(
            File.ReadAllText(LogFile),
            Does.Match(@"\A\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} WARN  balancing pass failed: busy; retrying\n\z"));
    }

    [Test]
    public void Full_file_is_renamed_and_the_oldest_is_deleted()
    {
        using (var log = new TestLog(LogSetup.CreateFileTarget(LogFile, 1000)))
        {
            for (int i = 0; i < 100; i++) log.Logger.PassFailed($"failure {i}");
        }

        string[] files = [.. Directory.GetFiles(Path.GetDirectoryName(LogFile)!)];
        Assert.That(files, Has.Length.EqualTo(LogSetup.MaxOldFiles + 1).And.Contain(LogFile));
        Assert.That(files.Select(file => new FileInfo(file).Length), Has.All.LessThan(1200));
        Assert.That(File.ReadAllText(LogFile), Does.Contain("failure 99"));
        string all = string.Concat(files.Select(File.ReadAllText));
        Assert.That(all, Does.Not.Contain("failure 0;").And.Contain("failure 80;"));
        Assert.That(files.Except([LogFile]), Has.All.Match(@"/xenballoon \$\{level\}\.\d+\.log$"));
    }

    [Test]
    public void File_that_cannot_be_opened_has_an_error()
    {
        Assert.That(LogSetup.TryOpen(LogFile), Is.Null);
        Assert.That(LogSetup.TryOpen(Path.Combine(LogFile, "below a file")), Is.Not.Null.And.Not.Empty);
        Assert.That(LogSetup.TryOpen("/dev/full"), Is.EqualTo("it is not a file"));
    }
}

/// <summary>The events in xenballoond(8).</summary>
public sealed partial class EventTests
{
    [Test]
    public void Manual_lists_every_event_with_its_number_level_and_fields()
    {
        string manual = File.ReadAllText(Path.Combine(Repository.Root, "docs/man/xenballoond.8"));
        IEnumerable<string> events =
            from method in typeof(DaemonLog).GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            let message = method.GetCustomAttribute<LoggerMessageAttribute>()
            where message is not null
            orderby message.EventId
            select string.Create(
                CultureInfo.InvariantCulture,
                $"{message.EventId} {method.Name} {Level(message.Level)} {Fields(method)}");

        Assert.That(
            Item().Matches(manual).Select(item => $"{item.Groups[1].Value} {item.Groups[2].Value}"),
            Is.EqualTo(events));
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };

    private static string Fields(MethodInfo method) => string.Join(
        ", ",
        from parameter in method.GetParameters()
        where parameter.Name is not ("logger" or "exception")
        select Upper().Replace(parameter.Name!, "_$0").ToUpperInvariant());

    [GeneratedRegex(@"^\.It Li (\d{3} \w+ \w+)\n[^\n]+\n(?:Fields: ([A-Z_, ]+)\.\n)?", RegexOptions.Multiline)]
    private static partial Regex Item();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Upper();
}

/// <summary>A logger with one NLog target.</summary>
internal sealed class TestLog : IDisposable
{
    private readonly NLog.LogFactory nlog = new();
    private readonly ILoggerFactory factory;

    internal TestLog(Target target)
    {
        var configuration = new LoggingConfiguration(nlog);
        configuration.AddRuleForAllLevels(target);
        nlog.Configuration = configuration;
        factory = LoggerFactory.Create(builder => builder.AddNLog(_ => nlog));
        Logger = factory.CreateLogger("test");
    }

    internal ILogger Logger { get; }

    public void Dispose()
    {
        factory.Dispose();
        nlog.Dispose();
    }
}
