using Tmds.DBus.Protocol;
using XenBalloon.Bus.Connections;
using XenBalloon.Bus.Interfaces;

namespace XenBalloon.Bus.Server;

/// <summary>Dispatches calls to the objects, and implements the standard interfaces of D-Bus.</summary>
internal sealed class CallRouter(BusConnection connection, SerialQueue queue, ObjectTree tree) : IPathMethodHandler
{
    private readonly CallLimit limit = new();

    /// <summary>
    /// Handles all paths, so that a path without an object gets the standard error UnknownObject.
    /// </summary>
    string IPathMethodHandler.Path => "/";

    /// <inheritdoc/>
    bool IPathMethodHandler.HandlesChildPaths => true;

    /// <summary>
    /// Runs on the library's reading thread, which must not block and which reads calls without limit.
    /// </summary>
    ValueTask IPathMethodHandler.HandleMethodAsync(MethodContext context)
    {
        string caller = context.Request.SenderAsString ?? "";
        if (!limit.TryEnter(caller))
        {
            string message = $"{caller} has {CallLimit.MaxCalls} calls pending: wait for their replies first";
            context.ReplyError(BusErrors.LimitsExceeded, message);
            return default;
        }

        context.DisposesAsynchronously = true;
        queue.Post(() => HandleAsync(context, caller));
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
                // A failure concerns this call alone.
                (string name, string message) = Describe(exception);
                call.ReplyError(name, message);
            }

            context.Dispose();
        }
        catch (Exception exception) when (exception is ObjectDisposedException or DBusConnectionException)
        {
            // The connection has ended; no reply can be sent.
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

        if (!tree.TryGet(call.Path, out TreeObject target)) throw NoObject(call.Path);
        if (Matches(call, target.State.Interface) && target.Invoke(call) is { } reply) return reply;
        bool isProperties = Matches(call, StandardInterfaces.Properties);
        if (isProperties && ReplyProperties(call, target.State)) return Task.CompletedTask;
        bool isManager = call.Path == BusNames.Root && Matches(call, StandardInterfaces.ObjectManager);
        if (isManager && call.Member == "GetManagedObjects") return ReplyManagedObjectsAsync(call);
        bool exists = isManager || Matches(call, target.State.Interface) || isProperties;
        throw exists ? NoMethod(call) : NoInterface(call.Interface!);
    }

    /// <summary>A call may omit its interface.</summary>
    private static bool Matches(BusCall call, string interfaceName) =>
        call.Interface is null || call.Interface == interfaceName;

    private static BusErrorException NoObject(string path) => new(BusErrors.UnknownObject, $"no object '{path}'");

    private static BusErrorException NoInterface(string name) =>
        new(BusErrors.UnknownInterface, $"no interface '{name}' at this object");

    private static BusErrorException NoMethod(BusCall call) => new(
        BusErrors.UnknownMethod,
        $"no method '{call.Member}'{(call.Interface is null ? "" : $" in interface {call.Interface}")}");

    private static BusErrorException NoProperty(string name) => new(BusErrors.UnknownProperty, $"no property '{name}'");

    private static bool ReplyProperties(BusCall call, IBusObject state)
    {
        Reader reader;
        switch (call.Member)
        {
            case "Get":
                reader = call.ReadArguments("ss");
                RequireInterface(BusValue.ReadString(ref reader), state);
                string name = BusValue.ReadString(ref reader);
                call.Reply("v", (ref writer) =>
                {
                    if (!state.TryWriteProperty(name, ref writer)) throw NoProperty(name);
                });
                return true;
            case "GetAll":
                reader = call.ReadArguments("s");
                string wanted = BusValue.ReadString(ref reader);
                bool isStandard = wanted.StartsWith("org.freedesktop.DBus.", StringComparison.Ordinal);
                if (!isStandard) RequireInterface(wanted, state);
                call.Reply("a{sv}", (ref writer) =>
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
    /// The only large reply. Each is sent after the bus has accepted the previous one: clients that call repeatedly and
    /// do not read would otherwise fill the daemon's memory with replies.
    /// </summary>
    private Task ReplyManagedObjectsAsync(BusCall call)
    {
        call.ReadArguments("");
        return limit.RunExclusiveAsync(() =>
        {
            call.Reply("a{oa{sa{sv}}}", (ref writer) =>
            {
                ArrayStart all = writer.WriteDictionaryStart();
                foreach ((string path, TreeObject managed) in tree.Managed())
                {
                    writer.WriteDictionaryEntryStart();
                    writer.WriteObjectPath(path);
                    ObjectTree.WriteInterfaces(ref writer, managed.State);
                }

                writer.WriteDictionaryEnd(all);
            });
            return connection.FlushAsync();
        });
    }

    private void Introspect(BusCall call)
    {
        string[] children = tree.ChildrenOf(call.Path);
        bool exists = tree.TryGet(call.Path, out TreeObject target);
        if (!exists && children.Length == 0) throw NoObject(call.Path);
        ReadOnlyMemory<byte>[] standard = call.Path == BusNames.Root
            ? [StandardInterfaces.PropertiesIntrospection, StandardInterfaces.ObjectManagerIntrospection]
            : [StandardInterfaces.PropertiesIntrospection];
        call.ReplyIntrospection(exists ? [.. standard, target.State.Introspection] : [], children);
    }
}

/// <summary>
/// The standard interfaces that the library leaves to its user; it implements Peer and Introspectable.
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

    internal static readonly ReadOnlyMemory<byte> ObjectManagerIntrospection = """
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
