using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>Takes calls in, has our objects carry them out, and answers what D-Bus defines for all objects.</summary>
internal sealed class CallRouter(BusConnection connection, BusTurn turn, ObjectTree tree) : IPathMethodHandler
{
    private readonly CallLimit limit = new();

    /// <summary>
    /// All paths are ours, so that a path without an object is answered with the error that callers know.
    /// </summary>
    string IPathMethodHandler.Path => "/";

    /// <inheritdoc/>
    bool IPathMethodHandler.HandlesChildPaths => true;

    /// <summary>
    /// On the library's reading thread, which must not be held up, and which reads on however many calls wait.
    /// </summary>
    ValueTask IPathMethodHandler.HandleMethodAsync(MethodContext context)
    {
        string caller = context.Request.SenderAsString ?? "";
        if (!limit.TryEnter(caller))
        {
            string message = $"{caller} has {CallLimit.MostCalls} calls waiting: wait for their answers first";
            context.ReplyError(BusErrors.LimitsExceeded, message);
            return default;
        }

        context.DisposesAsynchronously = true;
        turn.Post(() => HandleAsync(context, caller));
        return default;
    }

    private async Task HandleAsync(MethodContext context, string caller)
    {
        try
        {
            var call = new BusCall(context);
            try
            {
                await RouteAsync(call);
            }
            catch (Exception exception)
            {
                // A failure ends this call only.
                (string name, string message) = Describe(exception);
                call.AnswerError(name, message);
            }

            context.Dispose();
        }
        catch (Exception exception) when (exception is ObjectDisposedException or DBusConnectionException)
        {
            // The connection has ended: there is no caller to answer.
        }
        finally
        {
            limit.Leave(caller);
        }
    }

    private static (string Name, string Message) Describe(Exception exception) => exception switch
    {
        BusErrorException error => (error.Name, error.Message),
        ControlException refused => (refused.Error.BusName(), refused.Message),
        DBusMessageException => (BusErrors.InvalidArgs, $"invalid arguments: {exception.Message}"),
        _ => (ControlError.Failed.BusName(), exception.Message),
    };

    private Task RouteAsync(BusCall call)
    {
        if (call.IsIntrospection)
        {
            Introspect(call);
            return Task.CompletedTask;
        }

        if (!tree.TryGet(call.Path, out TreeObject called)) throw NoObject(call.Path);
        if (Names(call, called.State.Interface) && called.Invoke(call) is { } answered) return answered;
        bool isForProperties = Names(call, StandardInterfaces.Properties);
        if (isForProperties && AnswerProperties(call, called.State)) return Task.CompletedTask;
        bool isManager = call.Path == BusNames.Root && Names(call, StandardInterfaces.ObjectManager);
        if (isManager && call.Member == "GetManagedObjects") return AnswerManagedObjectsAsync(call);
        bool exists = isManager || Names(call, called.State.Interface) || isForProperties;
        throw exists ? NoMethod(call) : NoInterface(call.Interface!);
    }

    /// <summary>A call need not name the interface that it means.</summary>
    private static bool Names(BusCall call, string interfaceName) =>
        call.Interface is null || call.Interface == interfaceName;

    private static BusErrorException NoObject(string path) => new(BusErrors.UnknownObject, $"no object '{path}'");

    private static BusErrorException NoInterface(string name) =>
        new(BusErrors.UnknownInterface, $"no interface '{name}' at this object");

    private static BusErrorException NoMethod(BusCall call) => new(
        BusErrors.UnknownMethod,
        $"no method '{call.Member}'{(call.Interface is null ? "" : $" in interface {call.Interface}")}");

    private static BusErrorException NoProperty(string name) => new(BusErrors.UnknownProperty, $"no property '{name}'");

    private static bool AnswerProperties(BusCall call, IBusObject state)
    {
        Reader reader;
        switch (call.Member)
        {
            case "Get":
                reader = call.ReadArguments("ss");
                RequireInterface(BusValue.ReadString(ref reader), state);
                string name = BusValue.ReadString(ref reader);
                call.Answer("v", (ref writer) =>
                {
                    if (!state.TryWriteProperty(name, ref writer)) throw NoProperty(name);
                });
                return true;
            case "GetAll":
                reader = call.ReadArguments("s");
                string wanted = BusValue.ReadString(ref reader);
                bool isStandard = wanted.StartsWith("org.freedesktop.DBus.", StringComparison.Ordinal);
                if (!isStandard) RequireInterface(wanted, state);
                call.Answer("a{sv}", (ref writer) =>
                {
                    ArrayStart properties = writer.WriteDictionaryStart();
                    if (!isStandard) state.WriteProperties(ref writer);
                    writer.WriteDictionaryEnd(properties);
                });
                return true;
            case "Set":
                reader = call.ReadArguments("ssv");
                RequireInterface(BusValue.ReadString(ref reader), state);
                string changed = BusValue.ReadString(ref reader);
                if (!state.HasProperty(changed)) throw NoProperty(changed);
                throw new BusErrorException(
                    BusErrors.PropertyReadOnly, $"property '{changed}' is read-only: use the interface's methods");
            default:
                return false;
        }
    }

    private static void RequireInterface(string name, IBusObject state)
    {
        if (name.Length > 0 && name != state.Interface) throw NoInterface(name);
    }

    /// <summary>
    /// The one large answer. They are given one at a time, each when the bus has taken the one before: callers that ask
    /// again and again, and read nothing, would otherwise fill our memory with answers.
    /// </summary>
    private Task AnswerManagedObjectsAsync(BusCall call)
    {
        call.ReadArguments("");
        return limit.OneAtATimeAsync(() =>
        {
            call.Answer("a{oa{sa{sv}}}", (ref writer) =>
            {
                ArrayStart all = writer.WriteDictionaryStart();
                foreach ((string path, TreeObject managed) in tree.Managed)
                {
                    writer.WriteDictionaryEntryStart();
                    writer.WriteObjectPath(path);
                    ObjectTree.WriteInterfaces(ref writer, managed.State);
                }

                writer.WriteDictionaryEnd(all);
            });
            return connection.SettleAsync();
        });
    }

    private void Introspect(BusCall call)
    {
        string[] children = tree.ChildrenOf(call.Path);
        bool exists = tree.TryGet(call.Path, out TreeObject called);
        if (!exists && children.Length == 0) throw NoObject(call.Path);
        ReadOnlyMemory<byte>[] standard = call.Path == BusNames.Root
            ? [StandardInterfaces.PropertiesIntrospection, StandardInterfaces.ManagerIntrospection]
            : [StandardInterfaces.PropertiesIntrospection];
        call.AnswerIntrospection(exists ? [.. standard, called.State.Introspection] : [], children);
    }
}

/// <summary>
/// Interfaces that D-Bus defines and the library leaves to us; it adds Peer and Introspectable itself.
/// </summary>
internal static class StandardInterfaces
{
    internal const string Properties = "org.freedesktop.DBus.Properties";
    internal const string ObjectManager = "org.freedesktop.DBus.ObjectManager";

    internal static readonly ReadOnlyMemory<byte> PropertiesIntrospection = """
        <interface name="org.freedesktop.DBus.Properties">
          <method name="Get">
            <arg name="interface_name" type="s" direction="in"/>
            <arg name="property_name" type="s" direction="in"/>
            <arg name="value" type="v" direction="out"/>
          </method>
          <method name="GetAll">
            <arg name="interface_name" type="s" direction="in"/>
            <arg name="properties" type="a{sv}" direction="out"/>
          </method>
          <method name="Set">
            <arg name="interface_name" type="s" direction="in"/>
            <arg name="property_name" type="s" direction="in"/>
            <arg name="value" type="v" direction="in"/>
          </method>
          <signal name="PropertiesChanged">
            <arg name="interface_name" type="s"/>
            <arg name="changed_properties" type="a{sv}"/>
            <arg name="invalidated_properties" type="as"/>
          </signal>
        </interface>

        """u8.ToArray();

    internal static readonly ReadOnlyMemory<byte> ManagerIntrospection = """
        <interface name="org.freedesktop.DBus.ObjectManager">
          <method name="GetManagedObjects">
            <arg name="object_paths_interfaces_and_properties" type="a{oa{sa{sv}}}" direction="out"/>
          </method>
          <signal name="InterfacesAdded">
            <arg name="object_path" type="o"/>
            <arg name="interfaces_and_properties" type="a{sa{sv}}"/>
          </signal>
          <signal name="InterfacesRemoved">
            <arg name="object_path" type="o"/>
            <arg name="interfaces" type="as"/>
          </signal>
        </interface>

        """u8.ToArray();
}
