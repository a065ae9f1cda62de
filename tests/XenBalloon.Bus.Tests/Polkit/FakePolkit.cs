using System.Collections.Concurrent;
using XenBalloon.Bus.SdBus;
using XenBalloon.Bus.Tests.OnPrivateBus;

namespace XenBalloon.Bus.Tests.Polkit;

/// <summary>Stands in for polkit on a private bus, made of the project's own sd-bus objects.</summary>
internal sealed class FakePolkit : IDisposable
{
    private readonly NativeTable table = NativeTable.Of(FakeAuthority.Definition);
    private readonly SdBusConnection connection;
    private readonly FakeAuthority authority;
    private readonly Thread thread;
    private bool stopping;

    /// <summary>Takes polkit's name.</summary>
    internal FakePolkit(PrivateBus bus)
    {
        connection = SdBusConnection.Open(bus.Address);
        authority = new FakeAuthority(connection, table, this);
        connection.Register(authority);
        connection.RequestName("org.freedesktop.PolicyKit1");
        thread = new Thread(() => connection.Run(() => stopping)) { IsBackground = true, Name = "polkit" };
        thread.Start();
    }

    /// <summary>What it does with the next question.</summary>
    internal PolkitMood Mood { get; set; }

    /// <summary>What it was asked, in order.</summary>
    internal ConcurrentQueue<PolkitQuestion> Asked { get; } = [];

    /// <summary>Answers what it was silent about.</summary>
    internal void AnswerAll(PolkitMood mood) => connection.Post(() => authority.AnswerAll(mood));

    /// <summary>Leaves the bus, with no answer to who waits.</summary>
    public void Dispose()
    {
        connection.Post(() => stopping = true);
        thread.Join();
        connection.Dispose();
        table.Dispose();
    }
}
