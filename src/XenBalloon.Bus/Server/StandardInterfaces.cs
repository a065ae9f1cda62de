namespace XenBalloon.Bus.Server;

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
