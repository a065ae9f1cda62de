using XenBalloon.Bus.Definitions;
using XenBalloon.Bus.Objects;
using XenBalloon.Bus.SdBus;
using XenBalloon.Core.Settings;

namespace XenBalloon.Bus.Client;

/// <summary>
/// Asks the daemon over the bus, for one caller at a time. Never has the bus start a daemon that does not run: looking at a host must not begin to
/// move its memory.
/// </summary>
public sealed class BalloonClient : IDisposable
{
    private const string PropertiesInterface = "org.freedesktop.DBus.Properties";
    private const string ObjectManagerInterface = "org.freedesktop.DBus.ObjectManager";
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(10);

    /// <summary>A change is answered when it holds, which may be a step later.</summary>
    private static readonly TimeSpan ChangesWithin = TimeSpan.FromSeconds(60);

    private readonly SdBusConnection connection;
    private bool watching;

    private BalloonClient(SdBusConnection connection) => this.connection = connection;

    /// <summary>Connects to the bus; whether the daemon runs shows with the first question.</summary>
    /// <exception cref="BalloonClientException">There is no bus.</exception>
    public static BalloonClient Connect(BusOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            return new BalloonClient(Connecting.Open(options.Address));
        }
        catch (BusUnavailableException exception)
        {
            throw ClientErrors.From(exception);
        }
    }

    /// <summary>Reads everything: the host in one call, all domains in another.</summary>
    /// <exception cref="BalloonClientException">The daemon cannot be asked.</exception>
    public HostStatus Read()
    {
        using Message manager = Call(PropertiesInterface, "GetAll", AnswersWithin, Names.ManagerInterface);
        using Message managed = Call(ObjectManagerInterface, "GetManagedObjects", AnswersWithin);
        return Understand(() => StatusReader.ToHost(manager.ReadProperties(), StatusReader.ReadDomains(managed)));
    }

    /// <summary>The domid of the domain that is meant.</summary>
    /// <exception cref="BalloonClientException">There is none, or more than one, or the daemon cannot be asked.</exception>
    public uint FindDomain(string nameOrUuidOrDomid)
    {
        using Message answer = Call(Names.ManagerInterface, "GetDomain", AnswersWithin, nameOrUuidOrDomid);
        return Understand(() => StatusReader.DomidOf(answer.Read(BusValue.Path).AsText()));
    }

    /// <summary>Changes the mode; returns when it holds.</summary>
    /// <exception cref="BalloonClientException">The caller is not root, or the daemon cannot be asked.</exception>
    public void SetMode(BalancerMode mode)
    {
        using Message answer = Call(Names.ManagerInterface, "SetMode", ChangesWithin, Words.For(mode));
    }

    /// <summary>Waits until the daemon shows something new; the first call only begins to look.</summary>
    /// <returns>Whether it did before the time was over.</returns>
    /// <exception cref="BalloonClientException">The bus is lost.</exception>
    public bool WaitForChange(TimeSpan limit) => Understand(() =>
    {
        if (watching) return connection.WaitForSignal(limit);
        watching = true;
        connection.CallBus("AddMatch", $"type='signal',sender='{Names.Service}',path_namespace='{Names.Root}'").Dispose();
        connection.CallBus("AddMatch", $"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{Names.Service}'").Dispose();
        return true;
    });

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private Message Call(string interfaceName, string member, TimeSpan timeout, params ReadOnlySpan<BusValue> arguments)
    {
        try
        {
            return connection.Call(Names.Service, Names.Root, interfaceName, member, timeout, arguments);
        }
        catch (CallErrorException exception)
        {
            throw ClientErrors.From(exception);
        }
        catch (SdBusException exception)
        {
            throw ClientErrors.From(exception);
        }
    }

    private static T Understand<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (CallErrorException exception)
        {
            throw ClientErrors.From(exception);
        }
        catch (SdBusException exception)
        {
            throw ClientErrors.From(exception);
        }
    }
}
